import type { GateResult, Model, ModelVersion, promoteRequest } from "@hearth/wire/hub/models";
import type { z } from "zod";
import type { EvaluationDependencies } from "./evaluations.ts";
import { parseGate } from "./gate-expression.ts";
import { checkGate } from "./gates.ts";
import type { GateCheck, Measured } from "./gates.ts";

/** Metrics that say how the measuring went belong to evaluations only. */
const gateSplit = "test";

/**
 * Gives a version an alias when every gate passes. Refused or not, the model's history tells it
 * with the figures.
 *
 * @throws HearthError `not_found`, `conflict` (version not ready), `invalid_request` (a gate cannot be read)
 */
export async function promoteVersion(
  dependencies: EvaluationDependencies,
  idOrName: string,
  request: z.infer<typeof promoteRequest>,
): Promise<GateResult> {
  const { registry } = dependencies;
  const gates = request.require.map(parseGate);
  const model = await registry.getModel(idOrName);
  const version = await registry.resolve(`${model.name}:${request.version}`);
  const previous = model.aliases[request.alias] ?? null;
  const checks: GateCheck[] = [];
  for (const gate of gates) {
    checks.push(
      await checkGate(gate, {
        candidate: version.version,
        versionOf: (alias) => model.aliases[alias] ?? null,
        measure: (number, metric, on) => measure(dependencies, model, number, metric, on),
      }),
    );
  }
  const promoted = checks.every((check) => check.passed);
  const details = { alias: request.alias, previous_version: previous, checks };
  if (promoted) await registry.setAlias(model.id, request.alias, version.version, details);
  else await registry.recordEvent(model.id, { kind: "promotion_refused", version: version.version, details });
  return { promoted, alias: request.alias, version: version.version, previous_version: previous, checks };
}

/** The newest evaluation that has the metric, else what the version says of itself (from its training). */
async function measure(
  dependencies: EvaluationDependencies,
  model: Model,
  number: number,
  metric: string,
  on: Measured["on"],
): Promise<Measured | null> {
  const version = await dependencies.registry.getVersion(`${model.name}:${number}`);
  const evaluated = await newestEvaluation(dependencies, version, metric, on);
  if (evaluated !== null || on !== null) return evaluated;
  const value = Object.hasOwn(version.metrics, metric) ? version.metrics[metric] : undefined;
  return value === undefined ? null : { value, on: null };
}

async function newestEvaluation(
  { database }: EvaluationDependencies,
  version: ModelVersion,
  metric: string,
  on: Measured["on"],
): Promise<Measured | null> {
  let query = database.db
    .selectFrom("evaluations")
    .innerJoin("datasets", "datasets.id", "evaluations.dataset_id")
    .where("evaluations.version_id", "=", version.id)
    .where("evaluations.split", "=", on?.split ?? gateSplit);
  if (on !== null)
    query = query.where("evaluations.dataset_id", "=", on.datasetId).where("evaluations.rows", "=", on.rows);
  const rows = await query
    .select([
      "evaluations.metrics",
      "evaluations.dataset_id",
      "evaluations.split",
      "evaluations.rows",
      "datasets.name as dataset",
    ])
    .orderBy("evaluations.created_at", "desc")
    .execute();
  for (const row of rows) {
    const metrics: unknown = JSON.parse(row.metrics);
    const value = new Map(Object.entries(metrics ?? {})).get(metric);
    if (typeof value === "number")
      return {
        value,
        on: { datasetId: row.dataset_id, dataset: row.dataset, split: row.split, rows: row.rows },
      };
  }
  return null;
}
