import type { z } from "zod";
import type { GateResult, promoteRequest } from "@hearth/wire/hub/models";
import type { Evaluations, Generation } from "../api/services.ts";
import type { Datasets } from "../datasets/datasets.ts";
import { HearthError } from "../errors.ts";
import type { Registry } from "../registry/registry.ts";
import type { Database } from "../storage/database.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Runs } from "../tracking/runs.ts";

export interface EvaluationServices extends Evaluations {
  promote(idOrName: string, request: z.infer<typeof promoteRequest>): Promise<GateResult>;
}

export function createEvaluations(_: {
  database: Database;
  registry: Registry;
  datasets: Datasets;
  runs: Runs;
  generation: Generation;
  metrics: Metrics;
}): EvaluationServices {
  const missing = () =>
    Promise.reject(new HearthError("platform_unsupported", "Evaluation is not part of this build."));
  return {
    run: missing,
    get: missing,
    list: async (page) => ({ items: [], total: 0, ...page }),
    promote: missing,
  };
}
