import { randomUUID } from "node:crypto";
import type { Model } from "@hearth/wire/hub/models";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { contains } from "../storage/contains.ts";
import { isUniqueViolation } from "../storage/errors.ts";
import { insertEvent } from "./events.ts";
import { importModelFile } from "./import-model-file.ts";
import { presentEvent, presentModels, type ModelRow } from "./present.ts";
import { withoutPrompts } from "./prompts.ts";
import { findModel, requireKnown } from "./references.ts";
import type { Registry, RegistryContext } from "./registry.ts";
import { changeServing } from "./serving.ts";
import { importOptions, insertVersion, registerImport } from "./versions.ts";

type ModelOperations = Pick<
  Registry,
  | "createModel"
  | "getModel"
  | "listModels"
  | "updateModel"
  | "deleteModel"
  | "experimentOf"
  | "history"
  | "recordEvent"
>;

/** Where a search for models looks. */
const searched = ["name", "description", "base_model"] as const;

export function createModels(context: RegistryContext): ModelOperations {
  const { database, artifacts, experiments, fileTurns, now } = context;
  const present = async (row: ModelRow): Promise<Model> => {
    const [model] = await presentModels(database.db, [row]);
    if (model === undefined) throw new Error("unreachable: one row in, one model out");
    return model;
  };
  return {
    createModel: async (request, signal) => {
      refuseNul("description", request.description);
      for (const [key, value] of Object.entries(request.tags))
        refuseNul(`tags.${key.slice(0, 50)}`, key + value);
      const taken = await database.db
        .selectFrom("models")
        .select("id")
        .where("name", "=", request.name)
        .executeTakeFirst();
      if (taken !== undefined) throw nameTaken(request.name);
      if (request.base_model !== undefined) await requireKnown(database.db, request.base_model);
      const insert = async (db: Queries): Promise<ModelRow> => {
        const time = now();
        const row: ModelRow = {
          id: randomUUID(),
          name: request.name,
          task_type: request.task_type,
          description: request.description,
          base_model: request.base_model ?? null,
          last_version: 0,
          serving: null,
          experiment_id: await experiments.ensureExperiment(request.name),
          created_at: time,
          updated_at: time,
        };
        await db.insertInto("models").values(row).execute();
        await insertTags(db, row.id, request.tags);
        await insertEvent(
          db,
          row.id,
          { kind: "created", version: null, details: { base_model: row.base_model } },
          time,
        );
        return row;
      };
      try {
        if (request.path === undefined)
          return await database.transaction(async (db) => await present(await insert(db)));
        const file = await importModelFile(request.path, importOptions(context), signal);
        return await registerImport(context, file, async (db, ready) => {
          const row = await insert(db);
          await insertVersion(db, row, { model: row.id, kind: "full" }, now(), ready);
          return await present(row);
        });
      } catch (error) {
        throw isUniqueViolation(error) ? nameTaken(request.name, error) : error;
      }
    },
    getModel: async (idOrName) => await present(await findModel(database.db, idOrName)),
    listModels: async ({ page, page_size, search = "" }) => {
      if (search !== "") refuseNul("search", search);
      const listed = database.db.selectFrom("models").where(withoutPrompts());
      const found =
        search === ""
          ? listed
          : listed.where((row) => row.or(searched.map((column) => contains(column, search))));
      const { total } = await found
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await found
        .selectAll()
        .orderBy("created_at", "desc")
        .orderBy("name")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: await presentModels(database.db, rows), total, page, page_size };
    },
    updateModel: (idOrName, change) =>
      database.transaction(async (db) => {
        if (change.description !== undefined) refuseNul("description", change.description);
        for (const [key, value] of Object.entries(change.tags ?? {}))
          refuseNul(`tags.${key.slice(0, 50)}`, key + value);
        const found = await findModel(db, idOrName);
        const { id } = found;
        await db
          .updateTable("models")
          .set({
            updated_at: now(),
            ...(change.description === undefined ? {} : { description: change.description }),
            ...(change.task_type === undefined ? {} : { task_type: change.task_type }),
            ...(change.serving === undefined ? {} : { serving: changeServing(found, change.serving) }),
          })
          .where("id", "=", id)
          .execute();
        if (change.tags !== undefined) {
          await db.deleteFrom("model_tags").where("model_id", "=", id).execute();
          await insertTags(db, id, change.tags);
        }
        await insertEvent(
          db,
          id,
          { kind: "updated", version: null, details: { fields: Object.keys(change) } },
          now(),
        );
        return await present(await findModel(db, id));
      }),
    deleteModel: (idOrName) =>
      fileTurns.run(async () => {
        const files = await database.transaction(async (db) => {
          const model = await findModel(db, idOrName);
          await db.updateTable("models").set({ updated_at: now() }).where("id", "=", model.id).execute();
          await refuseWhileNeeded(db, model);
          const versions = await db
            .selectFrom("model_versions")
            .select(["id", "sha256"])
            .where("model_id", "=", model.id)
            .execute();
          await db.deleteFrom("models").where("id", "=", model.id).execute();
          if (model.experiment_id !== null) await experiments.deleteExperiment(model.experiment_id);
          const hashes = versions.flatMap((version) => (version.sha256 === null ? [] : [version.sha256]));
          const shared =
            hashes.length === 0
              ? []
              : await db
                  .selectFrom("model_versions")
                  .select("sha256")
                  .where("sha256", "in", hashes)
                  .execute();
          const inUse = new Set(shared.map((row) => row.sha256));
          return {
            versionIds: versions.map((version) => version.id),
            hashes: hashes.filter((hash) => !inUse.has(hash)),
          };
        });
        // Only now is it certain that nothing names them any more.
        for (const id of files.versionIds) await artifacts.removeArchive(id);
        for (const hash of files.hashes) await artifacts.removeContent("models", hash);
      }),
    experimentOf: async (idOrName) => {
      const model = await findModel(database.db, idOrName);
      if (model.experiment_id !== null) return model.experiment_id;
      return await database.transaction(async (db) => {
        const id = await experiments.ensureExperiment(model.name);
        await db
          .updateTable("models")
          .set({ experiment_id: id })
          .where("id", "=", model.id)
          .where("experiment_id", "is", null)
          .execute();
        return id;
      });
    },
    history: async (idOrName, { page, page_size }) => {
      const { id } = await findModel(database.db, idOrName);
      const query = database.db.selectFrom("model_events").where("model_id", "=", id);
      const { total } = await query
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await query
        .selectAll()
        .orderBy("id", "desc")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: rows.map(presentEvent), total, page, page_size };
    },
    recordEvent: (modelId, event) => database.write((db) => insertEvent(db, modelId, event, now())),
  };
}

async function insertTags(db: Queries, modelId: string, tags: Record<string, string>): Promise<void> {
  const rows = Object.entries(tags).map(([key, value]) => ({ model_id: modelId, key, value }));
  if (rows.length > 0) await db.insertInto("model_tags").values(rows).execute();
}

async function refuseWhileNeeded(db: Queries, model: ModelRow): Promise<void> {
  const dependents = await db
    .selectFrom("model_versions as adapter")
    .innerJoin("model_versions as base", "base.id", "adapter.base_version_id")
    .innerJoin("models", "models.id", "adapter.model_id")
    .select(["models.name", "adapter.version"])
    .where("base.model_id", "=", model.id)
    .where("adapter.model_id", "!=", model.id)
    .orderBy("models.name")
    .orderBy("adapter.version")
    .limit(20)
    .execute();
  if (dependents.length > 0) {
    const names = dependents.map((row) => `${row.name}:${row.version}`);
    throw new HearthError(
      "conflict",
      `${model.name} is the base of ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}; delete those models first.`,
      { details: { model: model.name, dependents: names } },
    );
  }
  const jobs = await db
    .selectFrom("jobs")
    .select("id")
    .where("model_id", "=", model.id)
    .where("status", "in", ["queued", "running"])
    .execute();
  if (jobs.length > 0) {
    throw new HearthError("conflict", `A job of ${model.name} is waiting or running; cancel it first.`, {
      details: { model: model.name, jobs: jobs.map((job) => job.id) },
    });
  }
}

function nameTaken(name: string, cause?: unknown): HearthError {
  return new HearthError(
    "conflict",
    `There is a model named ${name} already. Choose another name, or add a version to it.`,
    {
      cause,
      details: { field: "name", name },
    },
  );
}

/** PostgreSQL's text cannot hold NUL; the same request has the same answer on both databases. */
function refuseNul(field: string, text: string): void {
  if (!text.includes("\0")) return;
  throw new HearthError("invalid_request", `The field ${field} has a NUL character; remove it.`, {
    details: { field },
  });
}
