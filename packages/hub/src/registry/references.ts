import { closestNames } from "../closest-names.ts";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import type { ModelRow, VersionRow } from "./present.ts";

/** A way to name a version: `name`, `name:3`, `name@alias`; the name may be an id as well. */
export type Reference =
  | { kind: "name"; name: string }
  | { kind: "version"; name: string; version: number }
  | { kind: "alias"; name: string; alias: string };

/** Reads a reference; anything without a number after `:` or a text after `@` is a name. */
export function parseReference(text: string): Reference {
  const numbered = /^(?<name>[^:@]+):(?<version>[1-9]\d{0,8})$/.exec(text)?.groups;
  if (numbered !== undefined)
    return { kind: "version", name: numbered["name"] ?? "", version: Number(numbered["version"]) };
  const aliased = /^(?<name>[^:@]+)@(?<alias>[\p{L}\p{N}_-]+)$/u.exec(text)?.groups;
  if (aliased !== undefined)
    return { kind: "alias", name: aliased["name"] ?? "", alias: aliased["alias"] ?? "" };
  return { kind: "name", name: text };
}

/** A model by id or name. Throws `not_found` naming the closest names. */
export async function findModel(db: Queries, idOrName: string): Promise<ModelRow> {
  const model = await findModelOrUndefined(db, idOrName);
  if (model === undefined) throw await unknownModel(db, idOrName);
  return model;
}

/**
 * The version that a reference means, in whatever state it is: of a bare name the alias `champion`,
 * else the latest that can be served, else the latest ready one, else the latest; of the id of a version that version.
 * Throws `not_found` naming what is closest, `conflict` for a model without versions.
 */
export async function findVersion(
  db: Queries,
  text: string,
): Promise<{ model: ModelRow; version: VersionRow }> {
  const reference = parseReference(text);
  const model = await findModelOrUndefined(db, reference.name);
  if (model === undefined) {
    const byId = reference.kind === "name" ? await findVersionById(db, reference.name) : undefined;
    if (byId === undefined) throw await unknownModel(db, reference.name, text);
    return byId;
  }
  if (reference.kind === "version") return { model, version: await byNumber(db, model, reference.version) };
  if (reference.kind === "alias") return { model, version: await byAlias(db, model, reference.alias) };
  return { model, version: await byDefault(db, model) };
}

export async function findVersionById(
  db: Queries,
  id: string,
): Promise<{ model: ModelRow; version: VersionRow } | undefined> {
  if (id.includes("\0")) return undefined;
  const version = await db.selectFrom("model_versions").selectAll().where("id", "=", id).executeTakeFirst();
  if (version === undefined) return undefined;
  const model = await db
    .selectFrom("models")
    .selectAll()
    .where("id", "=", version.model_id)
    .executeTakeFirstOrThrow();
  return { model, version };
}

async function findModelOrUndefined(db: Queries, idOrName: string): Promise<ModelRow | undefined> {
  // PostgreSQL refuses NUL in a text; no model has one in its name.
  if (idOrName.includes("\0")) return undefined;
  const rows = await db
    .selectFrom("models")
    .selectAll()
    .where((row) => row.or([row("id", "=", idOrName), row("name", "=", idOrName)]))
    .execute();
  return rows.find((row) => row.id === idOrName) ?? rows[0];
}

/** Checks that a reference names something, if only a model whose first version is still to come. Throws `not_found`. */
export async function requireKnown(db: Queries, reference: string): Promise<void> {
  try {
    await findVersion(db, reference);
  } catch (error) {
    if (!(error instanceof HearthError && error.code === "conflict")) throw error;
  }
}

async function byNumber(db: Queries, model: ModelRow, number: number): Promise<VersionRow> {
  const version = await db
    .selectFrom("model_versions")
    .selectAll()
    .where("model_id", "=", model.id)
    .where("version", "=", number)
    .executeTakeFirst();
  if (version !== undefined) return version;
  const { latest } = await db
    .selectFrom("model_versions")
    .select((row) => row.fn.max("version").as("latest"))
    .where("model_id", "=", model.id)
    .executeTakeFirstOrThrow();
  const has = latest === null ? "has no versions yet" : `has versions up to ${latest}`;
  throw new HearthError("not_found", `There is no ${model.name}:${number}; the model ${has}.`, {
    details: { model: model.name, version: number, latest_version: latest },
  });
}

async function byAlias(db: Queries, model: ModelRow, alias: string): Promise<VersionRow> {
  const version = await aliased(db, model.id, alias);
  if (version !== undefined) return version;
  const rows = await db
    .selectFrom("model_aliases")
    .select("alias")
    .where("model_id", "=", model.id)
    .orderBy("alias")
    .execute();
  const known = rows.map((row) => row.alias);
  const has = known.length === 0 ? "It has no aliases yet." : `Its aliases: ${known.join(", ")}.`;
  throw new HearthError("not_found", `The model ${model.name} has no alias "${alias}". ${has}`, {
    details: { model: model.name, alias, aliases: known, closest: closestNames(alias, known) },
  });
}

async function byDefault(db: Queries, model: ModelRow): Promise<VersionRow> {
  const champion = await aliased(db, model.id, "champion");
  if (champion !== undefined) return champion;
  const versions = db
    .selectFrom("model_versions")
    .selectAll()
    .where("model_id", "=", model.id)
    .orderBy("version", "desc");
  const ready = versions.where("status", "=", "ready");
  const latest =
    (await ready.where("artifact_path", "is not", null).limit(1).executeTakeFirst()) ??
    (await ready.limit(1).executeTakeFirst()) ??
    (await versions.limit(1).executeTakeFirst());
  if (latest !== undefined) return latest;
  throw new HearthError(
    "conflict",
    `The model ${model.name} has no version yet. Train one, or import a model file as its first version.`,
    { details: { model: model.name } },
  );
}

async function aliased(db: Queries, modelId: string, alias: string): Promise<VersionRow | undefined> {
  return await db
    .selectFrom("model_aliases")
    .innerJoin("model_versions", (join) =>
      join
        .onRef("model_versions.model_id", "=", "model_aliases.model_id")
        .onRef("model_versions.version", "=", "model_aliases.version"),
    )
    .selectAll("model_versions")
    .where("model_aliases.model_id", "=", modelId)
    .where("model_aliases.alias", "=", alias)
    .executeTakeFirst();
}

/** Beyond this many names the comparison would cost more than the hint is worth. */
const maxCompared = 10_000;

async function unknownModel(db: Queries, name: string, reference = name): Promise<HearthError> {
  const rows = await db
    .selectFrom("models")
    .select("name")
    .orderBy("updated_at", "desc")
    .limit(maxCompared)
    .execute();
  const names = rows.map((row) => row.name);
  const closest = closestNames(name, names);
  const shown = JSON.stringify(reference.slice(0, 300));
  const hint =
    closest.length > 0
      ? `The closest: ${closest.join(", ")}.`
      : names.length === 0
        ? "No models are registered yet."
        : `Registered are: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}.`;
  return new HearthError("not_found", `There is no model ${shown}. ${hint}`, {
    details: { model: reference.slice(0, 300), closest },
  });
}
