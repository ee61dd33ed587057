import type { DatasetFormat } from "@hearth/wire/hub/datasets";
import type { BuiltInScorer, EvaluationRequest } from "@hearth/wire/hub/evaluation";
import { HearthError } from "../../errors.ts";
import type { JsonSchema } from "../../inference/engine.ts";
import { instanceProblem } from "../../inference/grammar/validate.ts";

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
 * with every answer. Running text has a loss alone. What needs answers makes the version give them; a scorer of a person's own does.
 *
 * @throws HearthError `invalid_request` for a scorer that the dataset has nothing for, and a schema that is none
 */
export function chooseMeasures(
  { scorers, scorer_files: files = [], json_schema: schema }: EvaluationRequest,
  dataset: { name: string; labels: readonly string[]; format: DatasetFormat },
): Measures {
  const questions = dataset.format !== "text";
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
  if (schema !== undefined) refuseBadSchema(schema);
  const onlyLoss = scorers === undefined ? !questions : scorers.every((scorer) => scorer === "loss");
  const answers = !onlyLoss || files.length > 0 || schema !== undefined;
  if (answers && !questions) {
    throw new HearthError(
      "invalid_request",
      `dataset: rows of running text, as '${dataset.name}' has them, have no expected answer, only a loss; evaluate answers on a dataset of chat or prompt rows`,
      { details: { field: "dataset", value: "text", allowed: "chat, prompt" } },
    );
  }
  return {
    answers,
    labels: named("labels", classifies),
    loss: named("loss", true),
    tokenF1: named("token_f1", !classifies && questions),
    json:
      named("json", schema !== undefined) || schema !== undefined
        ? "yes"
        : scorers === undefined
          ? "if_expected"
          : "no",
    schema: schema ?? null,
  };
}

/** Before anything is asked: a schema that cannot be followed would fail at the first answer. */
function refuseBadSchema(schema: JsonSchema): void {
  try {
    instanceProblem(schema, "null");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HearthError("invalid_request", `json_schema: it cannot be checked: ${why}`, {
      cause: error,
      details: { field: "json_schema" },
    });
  }
}
