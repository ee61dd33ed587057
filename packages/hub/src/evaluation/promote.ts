import type { GateResult, promoteRequest } from "@hearth/wire/hub/models";
import type { z } from "zod";
import type { EvaluationDependencies, Evaluations } from "./evaluations.ts";
import { figuresOfVersions } from "./figures-of-versions.ts";
import { parseGate } from "./gate-expression.ts";
import { checkGate } from "./gates.ts";
import type { GateCheck } from "./gates.ts";

/**
 * Gives a version an alias when every gate passes. Refused or not, the model's history tells it
 * with the figures and by whom; a dry run only tells what would be.
 *
 * @throws HearthError `not_found`, `conflict` (version not ready), `invalid_request` (a gate cannot be read);
 * the signal's reason
 */
export async function promoteVersion(
  dependencies: EvaluationDependencies,
  idOrName: string,
  request: z.infer<typeof promoteRequest>,
  compare: Evaluations["compare"],
  signal: AbortSignal,
): Promise<GateResult> {
  const { registry, who } = dependencies;
  const gates = request.require.map(parseGate);
  const model = await registry.getModel(idOrName);
  const version = await registry.resolve(`${model.name}:${request.version}`);
  const previous = model.aliases[request.alias] ?? null;
  const subject = {
    candidate: version.version,
    versionOf: (alias: string) =>
      Object.hasOwn(model.aliases, alias) ? (model.aliases[alias] ?? null) : null,
    ...figuresOfVersions(dependencies, model, compare, signal),
  };
  const checks: GateCheck[] = [];
  for (const gate of gates) checks.push(await checkGate(gate, subject));
  const passed = checks.every((check) => check.passed);
  const promoted = passed && request.dry_run !== true;
  const details = { alias: request.alias, previous_version: previous, checks, by: who() };
  if (promoted) await registry.setAlias(model.id, request.alias, version.version, details);
  else if (request.dry_run !== true)
    await registry.recordEvent(model.id, { kind: "promotion_refused", version: version.version, details });
  return { promoted, alias: request.alias, version: version.version, previous_version: previous, checks };
}
