import type { Operation } from "../../operation.ts";
import {
  createRegisteredModel,
  deleteRegisteredModel,
  deleteRegisteredModelAlias,
  deleteRegisteredModelTag,
  renameRegisteredModel,
  setRegisteredModelAlias,
  setRegisteredModelTag,
  updateRegisteredModel,
} from "./change.ts";
import {
  getLatestVersions,
  getModelVersionByAlias,
  getRegisteredModel,
  postLatestVersions,
  searchRegisteredModels,
} from "./read.ts";

export const registeredModelOperations: readonly Operation[] = [
  createRegisteredModel,
  renameRegisteredModel,
  updateRegisteredModel,
  deleteRegisteredModel,
  getRegisteredModel,
  searchRegisteredModels,
  postLatestVersions,
  getLatestVersions,
  setRegisteredModelTag,
  deleteRegisteredModelTag,
  setRegisteredModelAlias,
  deleteRegisteredModelAlias,
  getModelVersionByAlias,
];
