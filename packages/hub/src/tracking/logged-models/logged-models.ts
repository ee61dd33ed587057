import { randomUUID } from "node:crypto";
import { HearthError } from "../../errors.ts";
import type { Database, Queries } from "../../storage/database.ts";
import { experimentLocation, joinUri } from "../artifact-uri.ts";
import { deletedExperiment, unknownExperiment } from "../errors.ts";
import { storableText } from "../../storage/storable-text.ts";
import type { Pair } from "../params.ts";
import { randomRunName } from "../run-names.ts";
import { logModelParams, setModelTags } from "./pairs.ts";
import { readModels, requireModels, unknownModel } from "./read.ts";
import type { LoggedModel, ModelStatus } from "./record.ts";
import { searchModels, type ModelSearch } from "./search.ts";

export type { ModelPoint } from "./metrics.ts";
export type { LoggedModel, ModelMetric, ModelStatus } from "./record.ts";
export type { ModelSearch } from "./search.ts";

export interface NewLoggedModel {
  experimentId: string;
  /** Default: two words and a number. */
  name?: string | undefined;
  modelType?: string | undefined;
  sourceRunId?: string | undefined;
  params: readonly Pair[];
  tags: readonly Pair[];
}

/** Models that programs log: made PENDING, filled with files, then READY. A run's outputs refer to them. */
export interface LoggedModels {
  create(model: NewLoggedModel): Promise<LoggedModel>;
  /** Throws `not_found`, also for a deleted one unless those are asked for. */
  get(id: string, options?: { deletedToo?: boolean }): Promise<LoggedModel>;
  search(search: ModelSearch): Promise<{ models: LoggedModel[]; more: boolean }>;
  setStatus(id: string, status: ModelStatus): Promise<LoggedModel>;
  /** Keeps what is said of it, and its files; it is only not found any more. */
  remove(id: string): Promise<void>;
  logParams(id: string, params: readonly Pair[]): Promise<void>;
  setTags(id: string, tags: readonly Pair[]): Promise<void>;
  /** Throws `not_found` when the model has no such tag. */
  deleteTag(id: string, key: string): Promise<void>;
}

export interface LoggedModelsDependencies {
  database: Database;
  /** ms since the epoch */
  now?: () => number;
}

export function createLoggedModels({ database, now = Date.now }: LoggedModelsDependencies): LoggedModels {
  const read = async (db: Queries, id: string): Promise<LoggedModel> => {
    const [model] = await readModels(db, [id]);
    if (model === undefined) throw unknownModel(id);
    return model;
  };
  const touch = (db: Queries, id: string, change: { status?: ModelStatus; lifecycle_stage?: "deleted" }) =>
    db
      .updateTable("logged_models")
      .set({ ...change, updated_at: now() })
      .where("id", "=", id)
      .execute();
  return {
    create: (model) =>
      database.write(async (db) => {
        const id = await insertModel(db, model, now());
        await setModelTags(db, id, model.tags);
        await logModelParams(db, id, model.params);
        return await read(db, id);
      }),
    get: async (id, { deletedToo = false } = {}) => {
      const model = await read(database.db, id);
      if (model.lifecycleStage === "deleted" && !deletedToo) throw unknownModel(id);
      return model;
    },
    search: (search) => searchModels(database, search),
    setStatus: (id, status) =>
      database.write(async (db) => {
        await requireModels(db, [id]);
        await touch(db, id, { status });
        return await read(db, id);
      }),
    remove: (id) =>
      database.write(async (db) => {
        await requireModels(db, [id]);
        await touch(db, id, { lifecycle_stage: "deleted" });
      }),
    logParams: (id, params) =>
      database.write(async (db) => {
        await requireModels(db, [id]);
        await logModelParams(db, id, params);
      }),
    setTags: (id, tags) =>
      database.write(async (db) => {
        await requireModels(db, [id]);
        await setModelTags(db, id, tags);
      }),
    deleteTag: (id, key) =>
      database.write(async (db) => {
        await requireModels(db, [id]);
        const { numDeletedRows } = await db
          .deleteFrom("logged_model_tags")
          .where("model_id", "=", id)
          .where("key", "=", storableText(key))
          .executeTakeFirst();
        if (numDeletedRows === 0n) {
          throw new HearthError(
            "not_found",
            `No tag with key '${key.slice(0, 300)}' found for model with ID '${id}'.`,
            { details: { key: key.slice(0, 300), model_id: id } },
          );
        }
      }),
  };
}

async function insertModel(db: Queries, model: NewLoggedModel, time: number): Promise<string> {
  const { experimentId } = model;
  const name = model.name ?? randomRunName();
  checkName(name);
  const experiment = await db
    .selectFrom("experiments")
    .select(["lifecycle_stage", "artifact_location"])
    .where("id", "=", experimentId)
    .executeTakeFirst();
  if (experiment === undefined) throw unknownExperiment(experimentId);
  if (experiment.lifecycle_stage === "deleted") throw deletedExperiment(experimentId);
  const id = `m-${randomUUID().replaceAll("-", "")}`;
  const location = experimentLocation(experimentId, experiment.artifact_location);
  await db
    .insertInto("logged_models")
    .values({
      id,
      experiment_id: experimentId,
      name: storableText(name),
      artifact_uri: joinUri(location, `models/${id}/artifacts`),
      model_type: model.modelType === undefined ? null : storableText(model.modelType),
      status: "PENDING",
      source_run_id: model.sourceRunId === undefined ? null : storableText(model.sourceRunId),
      created_at: time,
      updated_at: time,
    })
    .execute();
  return id;
}

/** In MLflow's words: names are parts of URIs. */
function checkName(name: string): void {
  if (name !== "" && !/[/:.%"']/.test(name) && name.length <= 500) return;
  throw new HearthError(
    "invalid_request",
    `Invalid model name ('${name.slice(0, 300)}') provided. Model name must be a non-empty string ` +
      `and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    { details: { field: "name" } },
  );
}
