import type { LoggedModelTable } from "../../storage/tables/logged-models.ts";
import type { Pair } from "../params.ts";

export type ModelStatus = LoggedModelTable["status"];

/** A value that a run has measured of a model. */
export interface ModelMetric {
  key: string;
  /** NaN is NaN. */
  value: number;
  /** ms since the epoch */
  timestamp: number;
  step: number;
  modelId: string;
  runId: string;
  datasetName: string | null;
  datasetDigest: string | null;
}

/** A model that a program has logged, with everything that is said of it. Times are ms since the epoch. */
export interface LoggedModel {
  /** `m-…` */
  id: string;
  experimentId: string;
  name: string;
  artifactUri: string;
  modelType: string | null;
  status: ModelStatus;
  statusMessage: string | null;
  lifecycleStage: "active" | "deleted";
  sourceRunId: string | null;
  createdAt: number;
  updatedAt: number;
  params: readonly Pair[];
  tags: readonly Pair[];
  metrics: readonly ModelMetric[];
}
