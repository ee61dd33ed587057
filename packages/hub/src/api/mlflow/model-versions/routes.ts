import type { Operation } from "../../operation.ts";
import {
  createModelVersion,
  deleteModelVersion,
  deleteModelVersionTag,
  setModelVersionTag,
  transitionModelVersion,
  updateModelVersion,
} from "./change.ts";
import { getDownloadUri, getModelVersion, searchModelVersions } from "./read.ts";

export const modelVersionOperations: readonly Operation[] = [
  createModelVersion,
  updateModelVersion,
  transitionModelVersion,
  deleteModelVersion,
  getModelVersion,
  searchModelVersions,
  setModelVersionTag,
  deleteModelVersionTag,
  getDownloadUri,
];
