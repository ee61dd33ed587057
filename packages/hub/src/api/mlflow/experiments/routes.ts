import type { Operation } from "../../operation.ts";
import {
  deleteExperiment,
  deleteExperimentTag,
  restoreExperiment,
  setExperimentTag,
  updateExperiment,
} from "./change.ts";
import { createExperiment } from "./create.ts";
import { getExperimentByName } from "./get-by-name.ts";
import { getExperiment } from "./get.ts";
import { searchDatasets } from "./search-datasets.ts";
import { getSearchExperiments, postSearchExperiments } from "./search.ts";

export const experimentOperations: readonly Operation[] = [
  createExperiment,
  getExperiment,
  getExperimentByName,
  postSearchExperiments,
  getSearchExperiments,
  updateExperiment,
  deleteExperiment,
  restoreExperiment,
  setExperimentTag,
  deleteExperimentTag,
  searchDatasets,
];
