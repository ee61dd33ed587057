import type { RunTable } from "../storage/tables/tracking.ts";
import type { Pair } from "./params.ts";

/** The latest value of a metric: the largest (step, timestamp, value). */
export interface LatestMetric {
  key: string;
  /** NaN is NaN. */
  value: number;
  /** ms since the epoch */
  timestamp: number;
  step: number;
}

/** Data that a run says it read. */
export interface DatasetInput {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
  tags: readonly Pair[];
}

/** A run with everything that is said of it. Times are ms since the epoch. */
export interface RunRecord {
  id: string;
  experimentId: string;
  name: string;
  kind: RunTable["kind"];
  userId: string;
  status: RunTable["status"];
  lifecycleStage: RunTable["lifecycle_stage"];
  startedAt: number;
  endedAt: number | null;
  artifactUri: string;
  params: readonly Pair[];
  tags: readonly Pair[];
  metrics: readonly LatestMetric[];
  datasetInputs: readonly DatasetInput[];
  modelInputs: readonly string[];
  modelOutputs: readonly { modelId: string; step: number }[];
}
