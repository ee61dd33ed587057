import { sql, type Selectable } from "kysely";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";
import type { ExperimentTable } from "../storage/tables/tracking.ts";
import { experimentLocation } from "./artifact-uri.ts";
import { checkedLocation, checkedName, checkedTag, experimentId } from "./experiment-checks.ts";
import { deletedExperiment, unknownExperiment, unknownTag } from "./errors.ts";
import { findExperiments, readExperimentTags, type ExperimentSearch } from "./search-experiments.ts";
import { storableText } from "../storage/storable-text.ts";
import type { Pair } from "./params.ts";

/** Times are ms since the epoch. */
export interface ExperimentRecord {
  id: string;
  name: string;
  artifactLocation: string;
  lifecycleStage: "active" | "deleted";
  createdAt: number;
  updatedAt: number;
  tags: readonly Pair[];
}

export interface NewExperiment {
  name: string;
  artifactLocation?: string | undefined;
  tags?: readonly Pair[];
}

/** What runs belong to. Names are unique, also against deleted ones. */
export interface Experiments {
  /** The experiment "0", where runs go that name none. */
  ensureDefault(): Promise<void>;
  /** The id of the experiment of that name: a new one, or the existing one (restored when it was deleted). */
  ensure(name: string): Promise<string>;
  /** The new one's id. Throws `conflict` when the name is taken, `invalid_request`. */
  create(experiment: NewExperiment): Promise<string>;
  /** Deleted ones too. Throws `not_found`. */
  get(id: string): Promise<ExperimentRecord>;
  /** Deleted ones too; undefined when there is none. */
  findByName(name: string): Promise<ExperimentRecord | undefined>;
  /** The newest first unless the search says otherwise; one beyond `limit` is not returned but said. */
  search(search: ExperimentSearch): Promise<{ experiments: ExperimentRecord[]; more: boolean }>;
  rename(id: string, name: string): Promise<void>;
  /** With all its runs; `restore` brings all of them back. */
  remove(id: string): Promise<void>;
  restore(id: string): Promise<void>;
  setTag(id: string, tag: Pair): Promise<void>;
  /** Throws `not_found` when there is no such tag. */
  deleteTag(id: string, key: string): Promise<void>;
}

export function createExperiments(database: Database, now: () => number): Experiments {
  const setStage = (id: string, from: ExperimentTable["lifecycle_stage"]) =>
    database.write(async (db) => {
      const experiment = await requireExperiment(db, id);
      if (experiment.lifecycle_stage !== from) throw unknownExperiment(id);
      const time = now();
      const stage = from === "active" ? "deleted" : "active";
      await db
        .updateTable("experiments")
        .set({ lifecycle_stage: stage, updated_at: time })
        .where("id", "=", experiment.id)
        .execute();
      await db
        .updateTable("runs")
        .set({ lifecycle_stage: stage, deleted_at: stage === "deleted" ? time : null })
        .where("experiment_id", "=", experiment.id)
        .execute();
    });
  const present = async (rows: readonly Selectable<ExperimentTable>[]) => presentAll(database.db, rows);
  return {
    ensureDefault: async () => {
      await database.write(async (db) => {
        const time = now();
        // Whoever has named an experiment of his own so keeps it.
        await db
          .insertInto("experiments")
          .values({ id: "0", name: "Default", lifecycle_stage: "active", created_at: time, updated_at: time })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      });
    },
    ensure: (name) =>
      database.write(async (db) => {
        const known = await db
          .selectFrom("experiments")
          .select(["id", "lifecycle_stage"])
          .where("name", "=", name)
          .executeTakeFirst();
        if (known?.lifecycle_stage === "active") return known.id;
        const time = now();
        const row = await db
          .insertInto("experiments")
          .values(newRow(await nextId(db, database.dialect), checkedName(name), time))
          .onConflict((conflict) =>
            conflict.column("name").doUpdateSet({ lifecycle_stage: "active", updated_at: time }),
          )
          .returning("id")
          .executeTakeFirstOrThrow();
        return row.id;
      }),
    create: async ({ name: asked, artifactLocation, tags = [] }) => {
      const name = checkedName(asked);
      const location = checkedLocation(artifactLocation);
      const pairs = new Map(tags.map((tag) => [tag.key, checkedTag(tag)]));
      return await database.write(async (db) => {
        const row = await db
          .insertInto("experiments")
          .values({ ...newRow(await nextId(db, database.dialect), name, now()), artifact_location: location })
          .onConflict((conflict) => conflict.column("name").doNothing())
          .returning("id")
          .executeTakeFirst();
        if (row === undefined) {
          throw new HearthError(
            "conflict",
            `Experiment(name=${name}) already exists. It may be deleted: restore it, or take another name.`,
            { details: { name } },
          );
        }
        for (const tag of pairs.values()) await upsertTag(db, row.id, tag);
        return row.id;
      });
    },
    get: async (id) => {
      const [experiment] = await present([await requireExperiment(database.db, id)]);
      if (experiment === undefined) throw unknownExperiment(id);
      return experiment;
    },
    findByName: async (name) => {
      const rows = await database.db
        .selectFrom("experiments")
        .selectAll()
        .where("name", "=", storableText(name))
        .execute();
      return (await present(rows))[0];
    },
    search: async (search) => {
      const { rows, more } = await findExperiments(database, search);
      return { experiments: await present(rows), more };
    },
    rename: async (id, asked) => {
      const name = checkedName(asked);
      await database.write(async (db) => {
        const experiment = await requireExperiment(db, id);
        if (experiment.lifecycle_stage === "deleted") {
          throw new HearthError("invalid_request", "Cannot rename a non-active experiment.", {
            details: { experiment_id: id },
          });
        }
        const taken = await db
          .selectFrom("experiments")
          .select("id")
          .where("name", "=", name)
          .where("id", "!=", experiment.id)
          .executeTakeFirst();
        if (taken !== undefined) {
          throw new HearthError(
            "conflict",
            `Experiment(name=${name}) already exists: its id is ${taken.id}, and names are unique.`,
            { details: { name, mlflow_code: "BAD_REQUEST" } },
          );
        }
        await db
          .updateTable("experiments")
          .set({ name, updated_at: now() })
          .where("id", "=", experiment.id)
          .execute();
      });
    },
    remove: (id) => setStage(id, "active"),
    restore: (id) => setStage(id, "deleted"),
    setTag: async (id, asked) => {
      const tag = checkedTag(asked);
      await database.write(async (db) => {
        await upsertTag(db, (await requireActive(db, id)).id, tag);
      });
    },
    deleteTag: (id, key) =>
      database.write(async (db) => {
        const experiment = await requireActive(db, id);
        const { numDeletedRows } = await db
          .deleteFrom("experiment_tags")
          .where("experiment_id", "=", experiment.id)
          .where("key", "=", key)
          .executeTakeFirst();
        if (numDeletedRows === 0n) throw unknownTag(key, `experiment with id ${id}`);
      }),
  };
}

function newRow(id: string, name: string, time: number) {
  return { id, name, lifecycle_stage: "active" as const, created_at: time, updated_at: time };
}

async function requireExperiment(db: Queries, id: string): Promise<Selectable<ExperimentTable>> {
  const row = await db
    .selectFrom("experiments")
    .selectAll()
    .where("id", "=", experimentId(id))
    .executeTakeFirst();
  if (row === undefined) throw unknownExperiment(id);
  return row;
}

async function requireActive(db: Queries, id: string): Promise<Selectable<ExperimentTable>> {
  const row = await requireExperiment(db, id);
  if (row.lifecycle_stage === "deleted") throw deletedExperiment(row.id);
  return row;
}

async function upsertTag(db: Queries, experiment: string, { key, value }: Pair): Promise<void> {
  await db
    .insertInto("experiment_tags")
    .values({ experiment_id: experiment, key, value })
    .onConflict((conflict) => conflict.columns(["experiment_id", "key"]).doUpdateSet({ value }))
    .execute();
}

async function presentAll(
  db: Queries,
  rows: readonly Selectable<ExperimentTable>[],
): Promise<ExperimentRecord[]> {
  const tags = await readExperimentTags(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    artifactLocation: experimentLocation(row.id, row.artifact_location),
    lifecycleStage: row.lifecycle_stage,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    tags: tags.get(row.id) ?? [],
  }));
}

/** Any number that nobody else locks. */
const idLock = 47_470_001;

/** The id of the next experiment: they count upwards. For inside a transaction. */
async function nextId(db: Queries, dialect: Database["dialect"]): Promise<string> {
  // SQLite has one writer at a time; on PostgreSQL two would read the same last id.
  if (dialect === "postgres") await sql`select pg_advisory_xact_lock(${idLock})`.execute(db);
  const { last } = await db
    .selectFrom("experiments")
    .select(sql<number | null>`max(cast(id as bigint))`.as("last"))
    .where("id", "not like", "%-%")
    .executeTakeFirstOrThrow();
  return String((last ?? 0) + 1);
}
