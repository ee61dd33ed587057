import type { RollbackResult } from "@hearth/wire/hub/models";
import { HearthError } from "../errors.ts";
import { aliasHolders } from "../registry/alias-holders.ts";
import type { EvaluationDependencies } from "./evaluations.ts";

/**
 * Gives an alias back to the version that held it before, without a gate: whoever rolls back has no time for one.
 * Holders that are gone or not ready are passed over, and told. The model's history has it.
 *
 * @throws HearthError `not_found` (no such model or alias), `conflict` when nobody held it before
 */
export async function rollbackAlias(
  { database, registry, who }: EvaluationDependencies,
  idOrName: string,
  alias: string,
): Promise<RollbackResult> {
  const model = await registry.getModel(idOrName);
  const current = Object.hasOwn(model.aliases, alias) ? model.aliases[alias] : undefined;
  if (current === undefined) {
    const known = Object.keys(model.aliases).join(", ") || "none";
    throw new HearthError("not_found", `${model.name} has no alias '${alias}'; it has: ${known}`, {
      details: { alias, aliases: Object.keys(model.aliases) },
    });
  }
  const holders = await aliasHolders(database.db, model.id, alias);
  const earlier = holders.slice(0, Math.max(0, holders.lastIndexOf(current))).toReversed();
  const skipped: RollbackResult["skipped"] = [];
  for (const version of earlier) {
    if (version === current) continue;
    const status = await statusOf(registry, `${model.name}:${version}`);
    if (status !== "ready") {
      skipped.push({ version, status });
      continue;
    }
    await registry.setAlias(model.id, alias, version, { by: who(), rollback: true, skipped });
    return { alias, version, previous_version: current, skipped };
  }
  const passed = skipped.map(({ version, status }) => `version ${version} is ${status}`).join(", ");
  throw new HearthError(
    "conflict",
    `no other version can have ${model.name}@${alias} back: ${passed === "" ? `version ${current} is the first that holds it` : passed}. Promote the version that is to have it: hearth promote ${model.name}:<version> --to ${alias}`,
    { details: { model: model.name, alias, version: current, skipped } },
  );
}

async function statusOf(registry: EvaluationDependencies["registry"], reference: string): Promise<string> {
  try {
    return (await registry.getVersion(reference)).status;
  } catch (error) {
    if (error instanceof HearthError && error.code === "not_found") return "gone";
    throw error;
  }
}
