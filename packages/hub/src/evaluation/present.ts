import { evaluation } from "@hearth/wire/hub/evaluation";
import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { Selectable } from "kysely";
import type { EvaluationTable } from "../storage/tables/evaluation.ts";

/** A row of `evaluations` with the names that belong to it. */
export type EvaluationRecord = Selectable<EvaluationTable> & { model: string; version: number };

/** Of an evaluation from before there were details, what it would have in them. */
const noDetails = { intervals: {}, bootstrap: null, labels: [], scorers: [], absent: [] };

/** An evaluation as the API shows it. */
export function presentEvaluation({ details, ...row }: EvaluationRecord): Evaluation {
  return evaluation.parse({
    ...row,
    ...noDetails,
    ...JSON.parse(details),
    metrics: JSON.parse(row.metrics),
    confusion: JSON.parse(row.confusion),
    examples: JSON.parse(row.examples),
    created_at: new Date(row.created_at).toISOString(),
  });
}
