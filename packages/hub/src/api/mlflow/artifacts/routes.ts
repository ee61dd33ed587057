import type { Operation } from "../../operation.ts";
import { getArtifact, listArtifacts, uploadRunArtifact } from "./of-runs.ts";
import { getVersionArtifact } from "./of-versions.ts";
import { deleteArtifact, downloadArtifact, listArtifactTree, uploadArtifact } from "./tree.ts";
import { unsupportedArtifactOperations } from "./unsupported.ts";

export const artifactOperations: readonly Operation[] = [
  listArtifactTree,
  downloadArtifact,
  uploadArtifact,
  deleteArtifact,
  ...unsupportedArtifactOperations,
  listArtifacts,
  getArtifact,
  uploadRunArtifact,
  getVersionArtifact,
];
