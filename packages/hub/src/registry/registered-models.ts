import { randomUUID } from "node:crypto";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";
import { isUniqueViolation } from "../storage/errors.ts";
import { insertEvent } from "./events.ts";
import {
  canonicalStage,
  checkAlias,
  checkModelName,
  checkNewAlias,
  checkTagKey,
  checkTags,
  checkText,
  refused,
  stages,
  versionNumber,
  type Pair,
} from "./names.ts";
import type { ModelRow } from "./present.ts";
import {
  findRegistered,
  findRegisteredVersion,
  readModel,
  readVersion,
  type RegisteredModel,
  type RegisteredVersion,
} from "./read-registered.ts";
import { parseReference } from "./references.ts";
import { createRegisteredVersions, type RegisteredVersions } from "./registered-versions.ts";
import type { Registry } from "./registry.ts";
import { searchModels, type RegistrySearch } from "./search-registered.ts";
import { isPrompt, type LoggedSources } from "./sources.ts";

export interface NewRegisteredModel {
  name: string;
  description: string;
  tags: readonly Pair[];
}

/** The registry's models by MLflow's rules: the same models, versions and aliases as `Registry` has. */
export interface RegisteredModels {
  readonly versions: RegisteredVersions;
  /** `conflict` when a model or a prompt has the name. */
  create(model: NewRegisteredModel): Promise<RegisteredModel>;
  get(name: string): Promise<RegisteredModel>;
  search(search: RegistrySearch): Promise<{ models: RegisteredModel[]; more: boolean }>;
  rename(name: string, newName: string): Promise<RegisteredModel>;
  describe(name: string, description: string): Promise<RegisteredModel>;
  /** With its versions and their files; refused while the hub needs it. */
  remove(name: string): Promise<void>;
  setTag(name: string, tag: Pair): Promise<void>;
  deleteTag(name: string, key: string): Promise<void>;
  /** The latest version of each stage, or of the given ones (in any case). */
  latestVersions(name: string, stages: readonly string[]): Promise<RegisteredVersion[]>;
  setAlias(name: string, alias: string, version: string): Promise<void>;
  /** An alias that is not there is no mistake. */
  deleteAlias(name: string, alias: string): Promise<void>;
  /** `latest` is the highest version. */
  byAlias(name: string, alias: string): Promise<RegisteredVersion>;
}

export interface RegisteredModelsDependencies {
  database: Database;
  registry: Pick<Registry, "deleteModel" | "deleteVersion" | "setAlias" | "removeAlias">;
  logged: LoggedSources;
  /** ms since the epoch */
  now?: () => number;
}

export function createRegisteredModels(dependencies: RegisteredModelsDependencies): RegisteredModels {
  const { database, registry, now = Date.now } = dependencies;
  return {
    versions: createRegisteredVersions({ ...dependencies, now }),
    create: async ({ name, description, tags }) => {
      checkModelName(name);
      checkText("description", description);
      const checked = checkTags(tags);
      try {
        return await database.write(async (db) => {
          const row = newModel(name, description, now());
          await db.insertInto("models").values(row).execute();
          if (checked.length > 0) {
            const rows = checked.map((tag) => ({ model_id: row.id, ...tag }));
            await db.insertInto("model_tags").values(rows).execute();
          }
          const details = { registered_by: "mlflow" };
          await insertEvent(db, row.id, { kind: "created", version: null, details }, row.created_at);
          return await readModel(db, row);
        });
      } catch (error) {
        throw isUniqueViolation(error) ? await nameTaken(database.db, name, checked, error) : error;
      }
    },
    get: async (name) =>
      await readModel(database.db, await findRegistered(database.db, checkModelName(name))),
    search: (search) => searchModels(database, search),
    rename: async (name, newName) => {
      checkModelName(newName, "new_name");
      checkModelName(name);
      try {
        return await database.write(async (db) => {
          const model = await findRegistered(db, name);
          const time = now();
          await db
            .updateTable("models")
            .set({ name: newName, updated_at: time })
            .where("id", "=", model.id)
            .execute();
          await db
            .updateTable("model_versions")
            .set({ updated_at: time })
            .where("model_id", "=", model.id)
            .execute();
          await renameReferences(db, name, newName);
          const details = { name: newName, previous_name: name };
          await insertEvent(db, model.id, { kind: "renamed", version: null, details }, time);
          return await readModel(db, { ...model, name: newName, updated_at: time });
        });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new HearthError("conflict", `Registered Model (name=${newName}) already exists.`, {
          cause: error,
          details: { name: newName },
        });
      }
    },
    describe: async (name, description) => {
      checkModelName(name);
      checkText("description", description);
      return await database.write(async (db) => {
        const model = await findRegistered(db, name);
        const change = { description, updated_at: now() };
        await db.updateTable("models").set(change).where("id", "=", model.id).execute();
        const details = { fields: ["description"] };
        await insertEvent(db, model.id, { kind: "updated", version: null, details }, change.updated_at);
        return await readModel(db, { ...model, ...change });
      });
    },
    remove: async (name) => {
      const { id } = await findRegistered(database.db, checkModelName(name));
      await registry.deleteModel(id);
    },
    setTag: async (name, tag) => {
      checkModelName(name);
      const [checked = tag] = checkTags([tag]);
      await database.write(async (db) => {
        const { id } = await findRegistered(db, name);
        await db
          .insertInto("model_tags")
          .values({ model_id: id, ...checked })
          .onConflict((conflict) =>
            conflict.columns(["model_id", "key"]).doUpdateSet({ value: checked.value }),
          )
          .execute();
        const event = { kind: "tag_set", version: null, details: { key: checked.key } };
        await insertEvent(db, id, event, now());
      });
    },
    deleteTag: async (name, key) => {
      checkModelName(name);
      checkTagKey(key);
      await database.write(async (db) => {
        const { id } = await findRegistered(db, name);
        const { numDeletedRows } = await db
          .deleteFrom("model_tags")
          .where("model_id", "=", id)
          .where("key", "=", key)
          .executeTakeFirst();
        if (numDeletedRows > 0n)
          await insertEvent(db, id, { kind: "tag_removed", version: null, details: { key } }, now());
      });
    },
    latestVersions: async (name, asked) => {
      const model = await findRegistered(database.db, checkModelName(name));
      const wanted = asked.length === 0 ? stages : asked.map(canonicalStage);
      const { latestVersions, aliases } = await readModel(database.db, model);
      return latestVersions
        .filter(({ stage }) => wanted.includes(stage))
        .map((version) => ({
          ...version,
          aliases: aliases.filter((alias) => alias.version === version.version).map(({ alias }) => alias),
        }));
    },
    setAlias: async (name, alias, version) => {
      checkModelName(name);
      checkNewAlias(alias);
      const found = await findRegisteredVersion(database.db, name, versionNumber(version));
      await registry.setAlias(found.model.id, alias, found.version.version);
    },
    deleteAlias: async (name, alias) => {
      checkModelName(name);
      checkAlias(alias);
      await database.write(async (db) => {
        const { id } = await findRegistered(db, name);
        if ((await aliased(db, id, alias)) !== undefined) await registry.removeAlias(id, alias);
      });
    },
    byAlias: async (name, alias) => {
      checkModelName(name);
      checkAlias(alias);
      const { db } = database;
      const model = await findRegistered(db, name);
      if (alias.toLowerCase() === "latest") {
        const version = await db
          .selectFrom("model_versions")
          .selectAll()
          .where("model_id", "=", model.id)
          .orderBy("version", "desc")
          .limit(1)
          .executeTakeFirst();
        if (version !== undefined) return await readVersion(db, { model, version });
        throw new HearthError("not_found", `Latest version not found for model ${name}.`, {
          details: { model: name },
        });
      }
      const number = await aliased(db, model.id, alias);
      if (number === undefined) throw refused("alias", `Registered model alias ${alias} not found.`);
      return await readVersion(db, await findRegisteredVersion(db, name, number));
    },
  };
}

function newModel(name: string, description: string, time: number): ModelRow {
  return {
    id: randomUUID(),
    name,
    task_type: "other",
    description,
    base_model: null,
    experiment_id: null,
    serving: null,
    last_version: 0,
    created_at: time,
    updated_at: time,
  };
}

async function aliased(db: Queries, modelId: string, alias: string): Promise<number | undefined> {
  const row = await db
    .selectFrom("model_aliases")
    .select("version")
    .where("model_id", "=", modelId)
    .where("alias", "=", alias)
    .executeTakeFirst();
  return row?.version;
}

/** What other models are trained on is named by a reference, which begins with the name. */
async function renameReferences(db: Queries, name: string, newName: string): Promise<void> {
  const rows = await db
    .selectFrom("models")
    .select(["id", "base_model"])
    .where("base_model", "is not", null)
    .execute();
  for (const { id, base_model } of rows) {
    if (base_model === null || parseReference(base_model).name !== name) continue;
    const renamed = `${newName}${base_model.slice(name.length)}`;
    await db.updateTable("models").set({ base_model: renamed }).where("id", "=", id).execute();
  }
}

async function nameTaken(
  db: Queries,
  name: string,
  tags: readonly Pair[],
  cause: unknown,
): Promise<HearthError> {
  const model = await db.selectFrom("models").selectAll().where("name", "=", name).executeTakeFirst();
  const there = model === undefined ? [] : (await readModel(db, model)).tags;
  const [old, wanted] = [isPrompt(there), isPrompt(tags)].map((prompt) =>
    prompt ? "Prompt" : "Registered Model",
  );
  const message =
    old === wanted
      ? `${wanted} (name=${name}) already exists.`
      : `Tried to create a ${wanted?.toLowerCase()} with name '${name}', but the name is already taken by a ` +
        `${old?.toLowerCase()}. MLflow does not allow creating a model and a prompt with the same name.`;
  return new HearthError("conflict", message, { cause, details: { field: "name", name } });
}
