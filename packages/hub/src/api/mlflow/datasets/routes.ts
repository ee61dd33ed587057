import type { Operation } from "../../operation.ts";
import {
  addDatasetToExperiments,
  createDataset,
  deleteDataset,
  deleteDatasetTag,
  getDataset,
  getDatasetExperiments,
  removeDatasetFromExperiments,
  searchDatasets,
  searchDatasetsByQuery,
  setDatasetTags,
} from "./datasets.ts";
import { deleteDatasetRecords, getDatasetRecords, upsertDatasetRecords } from "./records.ts";

export const evaluationDatasetOperations: readonly Operation[] = [
  createDataset,
  searchDatasets,
  searchDatasetsByQuery,
  getDataset,
  deleteDataset,
  setDatasetTags,
  deleteDatasetTag,
  getDatasetExperiments,
  addDatasetToExperiments,
  removeDatasetFromExperiments,
  upsertDatasetRecords,
  getDatasetRecords,
  deleteDatasetRecords,
];
