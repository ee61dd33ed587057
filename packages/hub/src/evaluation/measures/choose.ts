import type { BuiltInScorer, EvaluationRequest } from "@hearth/wire/hub/evaluation";
import { HearthError } from "../../errors.ts";
import type { JsonSchema } from "../../inference/engine.ts";

/** What is measured of each row. */
export interface Measures {
  /** Are answers generated? */
  answers: boolean;
  labels: boolean;
  loss: boolean;
  tokenF1: boolean;
  /** `if_expected`: where every expected answer is a JSON object or list itself. */
  json: "yes" | "no" | "if_expected";
  schema: JsonSchema | null;
}

/**
 * Which metrics apply. Unless scorers are named: exact match and loss always, the labels' figures where the dataset has
 * labels and else token F1, JSON validity with a schema or where the expected answers are JSON. Latencies come
 * with every answer. What needs answers makes the version give them; a scorer of a person's own does.
 *
 * @throws HearthError `invalid_request` for a scorer that the dataset has nothing for
 */
export function chooseMeasures(
  { scorers, scorer_files: files = [], json_schema: schema }: EvaluationRequest,
  dataset: { name: string; labels: readonly string[] },
): Measures {
  const classifies = dataset.labels.length > 0;
  const named = (scorer: BuiltInScorer, otherwise: boolean): boolean =>
    scorers === undefined ? otherwise : scorers.includes(scorer);
  if (scorers?.includes("labels") === true && !classifies) {
    throw new HearthError(
      "invalid_request",
      `scorers: the dataset '${dataset.name}' has no labels, because its answers are too many different ones; leave "labels" out`,
      { details: { field: "scorers", value: "labels" } },
    );
  }
  const onlyLoss = scorers?.every((scorer) => scorer === "loss") === true;
  return {
    answers: !onlyLoss || files.length > 0 || schema !== undefined,
    labels: named("labels", classifies),
    loss: named("loss", true),
    tokenF1: named("token_f1", !classifies),
    json:
      named("json", schema !== undefined) || schema !== undefined
        ? "yes"
        : scorers === undefined
          ? "if_expected"
          : "no",
    schema: schema ?? null,
  };
}
