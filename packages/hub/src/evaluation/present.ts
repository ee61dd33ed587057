import { evaluation } from "@hearth/wire/hub/evaluation";
import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { Selectable } from "kysely";
import type { EvaluationTable } from "../storage/tables/evaluation.ts";

/** A row of `evaluations` with the names that belong to it. */
export type EvaluationRow = Selectable<EvaluationTable> & { model: string; version: number };

/** An evaluation as the API shows it. */
export function presentEvaluation(row: EvaluationRow): Evaluation {
  return evaluation.parse({
    ...row,
    metrics: JSON.parse(row.metrics),
    confusion: JSON.parse(row.confusion),
    examples: JSON.parse(row.examples),
    created_at: new Date(row.created_at).toISOString(),
  });
}
