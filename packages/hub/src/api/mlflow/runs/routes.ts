import type { Operation } from "../../operation.ts";
import { createRun } from "./create.ts";
import { getRun } from "./get.ts";
import { logInputs, logModel, logOutputs } from "./inputs.ts";
import { deleteRun, restoreRun } from "./lifecycle.ts";
import { logBatch, logMetric, logParameter } from "./log.ts";
import { searchRuns } from "./search.ts";
import { deleteTag, setTag } from "./tags.ts";
import { updateRun } from "./update.ts";

export const runOperations: readonly Operation[] = [
  createRun,
  updateRun,
  deleteRun,
  restoreRun,
  getRun,
  searchRuns,
  logMetric,
  logParameter,
  logBatch,
  setTag,
  deleteTag,
  logInputs,
  logOutputs,
  logModel,
];
