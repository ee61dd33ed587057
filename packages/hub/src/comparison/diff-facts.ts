import type { ModelVersion } from "@hearth/wire/hub/models";
import type { DifferingFact } from "@hearth/wire/hub/version-diff";
import { codeFacts, hardwareFacts } from "../training/reproduction/changed-facts.ts";

/** Fields of the recipes that differ; fields of a shape as `pretrain.dim`. */
export function diffRecipes(from: ModelVersion, to: ModelVersion): DifferingFact[] {
  return differing(flat(from.lineage.recipe ?? {}), flat(to.lineage.recipe ?? {}));
}

/** What differs of kind, base, code, programs and machine. */
export function diffEnvironments(from: ModelVersion, to: ModelVersion): DifferingFact[] {
  return differing(surroundings(from), surroundings(to));
}

function surroundings({ kind, lineage }: ModelVersion): Record<string, string> {
  const { base, code, environment, hardware } = lineage;
  return {
    kind,
    ...(base === null ? {} : { base: base.reference, "base.sha256": base.sha256 }),
    ...codeFacts(code),
    ...environment,
    ...hardwareFacts(hardware),
  };
}

function flat(values: Record<string, unknown>, prefix = ""): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue;
    if (typeof value === "object" && !Array.isArray(value))
      Object.assign(facts, flat({ ...value }, `${prefix}${name}.`));
    else facts[prefix + name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return facts;
}

function differing(from: Record<string, string>, to: Record<string, string>): DifferingFact[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((name) => from[name] !== to[name])
    .map((name) => ({ name, from: from[name] ?? null, to: to[name] ?? null }));
}
