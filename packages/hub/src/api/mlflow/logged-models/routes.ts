import type { Operation } from "../../operation.ts";
import {
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  logLoggedModelParams,
  setLoggedModelTags,
} from "./change.ts";
import {
  getLoggedModel,
  getLoggedModelArtifact,
  listLoggedModelArtifacts,
  searchLoggedModels,
} from "./read.ts";

export const loggedModelOperations: readonly Operation[] = [
  createLoggedModel,
  searchLoggedModels,
  getLoggedModel,
  finalizeLoggedModel,
  deleteLoggedModel,
  logLoggedModelParams,
  setLoggedModelTags,
  deleteLoggedModelTag,
  listLoggedModelArtifacts,
  getLoggedModelArtifact,
];
