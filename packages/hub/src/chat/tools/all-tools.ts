import { describeDataset, listDatasets, readDataset } from "./datasets.ts";
import { cancelJob, explainJob, listJobs, startJob } from "./jobs.ts";
import { deployModel, evaluateModel, getModel, listModels, promoteModel } from "./models.ts";
import { compareRuns, searchRuns } from "./runs.ts";
import type { Tool } from "./tool.ts";
import { getTrace, searchTraces } from "./traces.ts";

/** Every tool into the hub: those that look, then those that change something. */
export const allTools: readonly Tool[] = [
  listModels,
  getModel,
  searchRuns,
  compareRuns,
  listDatasets,
  describeDataset,
  readDataset,
  searchTraces,
  getTrace,
  listJobs,
  explainJob,
  startJob,
  cancelJob,
  evaluateModel,
  promoteModel,
  deployModel,
];
