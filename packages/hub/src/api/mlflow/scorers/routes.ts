import type { Operation } from "../../operation.ts";
import { deleteScorer, getScorer, listScorers, listScorerVersions, registerScorer } from "./scorers.ts";

export const scorerOperations: readonly Operation[] = [
  registerScorer,
  listScorers,
  listScorerVersions,
  getScorer,
  deleteScorer,
];
