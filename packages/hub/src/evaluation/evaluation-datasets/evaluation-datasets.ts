import { createHash, randomUUID } from "node:crypto";
import { sql, type Selectable, type SqlBool } from "kysely";
import { HearthError } from "../../errors.ts";
import { parseLossless, spacedJson } from "../../lossless-json.ts";
import {
  compileFilter,
  compileOrder,
  evaluationDatasets,
  resolveFilter,
  resolveOrderBy,
  type Layout,
} from "../../search/search.ts";
import type { Database, Queries } from "../../storage/database.ts";
import type {
  EvaluationDatasetTable,
  EvaluationRecordTable,
} from "../../storage/tables/evaluation-datasets.ts";
import { userTag } from "./record.ts";
import { extendSchema } from "./schema.ts";
import { checkRecords, upsertRecords, userOf } from "./upsert.ts";

/** Examples to evaluate an application with. Times are ms since the epoch. */
export interface EvaluationDataset {
  /** `d-…` */
  id: string;
  name: string;
  digest: string;
  /** JSON: the fields that records have, and their types; null without records. */
  schema: string | null;
  records: number;
  tags: ReadonlyMap<string, string>;
  createdAt: number;
  updatedAt: number;
  createdBy: string | null;
  updatedBy: string | null;
}

export type EvaluationRecord = Selectable<EvaluationRecordTable>;

export interface DatasetSearch {
  /** All when empty. */
  experimentIds: readonly string[];
  filter: string;
  orderBy: readonly string[];
  limit: number;
  offset: number;
}

/** The record after which a page begins. */
export interface RecordPlace {
  createdAt: number;
  id: string;
}

/** What throws `not_found` does so for an unknown dataset. */
export interface EvaluationDatasets {
  create(dataset: {
    name: string;
    experimentIds: readonly string[];
    tags: ReadonlyMap<string, string>;
  }): Promise<EvaluationDataset>;
  get(id: string): Promise<EvaluationDataset>;
  /** With its records; that there is none is fine. */
  remove(id: string): Promise<void>;
  /** The newest first unless asked otherwise. Throws `invalid_request`. */
  search(search: DatasetSearch): Promise<{ datasets: EvaluationDataset[]; more: boolean }>;
  setTags(id: string, tags: ReadonlyMap<string, string>): Promise<EvaluationDataset>;
  /** That there is no such tag is fine. */
  deleteTag(id: string, key: string): Promise<void>;
  experimentsOf(id: string): Promise<string[]>;
  /** Throws `not_found` for an unknown experiment. */
  addExperiments(id: string, experimentIds: readonly string[]): Promise<EvaluationDataset>;
  removeExperiments(id: string, experimentIds: readonly string[]): Promise<EvaluationDataset>;
  /** Records with the same inputs are one: a later one adds what it says to it. Throws `invalid_request`. */
  upsertRecords(id: string, records: readonly unknown[]): Promise<{ inserted: number; updated: number }>;
  /** In the order of their making. */
  records(id: string, page: { limit: number; after: RecordPlace | null }): Promise<EvaluationRecord[]>;
  /** How many there were of them. */
  deleteRecords(id: string, recordIds: readonly string[]): Promise<number>;
}

const layout: Layout = {
  attribute: {
    kind: "columns",
    columns: {
      name: sql.ref("evaluation_datasets.name"),
      created_by: sql.ref("evaluation_datasets.created_by"),
      last_updated_by: sql.ref("evaluation_datasets.updated_by"),
      created_time: sql.ref("evaluation_datasets.created_at"),
      last_update_time: sql.ref("evaluation_datasets.updated_at"),
    },
  },
  tag: {
    kind: "pairs",
    from: sql.table("evaluation_dataset_tags"),
    owned: sql<SqlBool>`evaluation_dataset_tags.dataset_id = evaluation_datasets.id`,
    key: sql.ref("evaluation_dataset_tags.key"),
    value: sql.ref("evaluation_dataset_tags.value"),
  },
};

export function createEvaluationDatasets(
  database: Database,
  now: () => number = Date.now,
): EvaluationDatasets {
  const get = async (db: Queries, id: string): Promise<EvaluationDataset> => {
    const [dataset] = await read(db, [id]);
    if (dataset === undefined) throw unknownDataset(id);
    return dataset;
  };
  return {
    create: ({ name, experimentIds, tags }) =>
      database.write(async (db) => {
        const time = now();
        const id = `d-${randomUUID().replaceAll("-", "")}`;
        const user = tags.get(userTag) ?? null;
        await db
          .insertInto("evaluation_datasets")
          .values({
            id,
            name,
            digest: digestOf(name, time),
            schema: null,
            created_at: time,
            updated_at: time,
            created_by: user,
            updated_by: user,
          })
          .execute();
        await putTags(db, id, tags);
        await putExperiments(db, id, experimentIds);
        return await get(db, id);
      }),
    get: (id) => get(database.db, id),
    remove: async (id) => {
      await database.write((db) => db.deleteFrom("evaluation_datasets").where("id", "=", id).execute());
    },
    search: (search) => searchDatasets(database, search),
    setTags: (id, tags) =>
      database.write(async (db) => {
        await get(db, id);
        await putTags(db, id, tags);
        return await get(db, id);
      }),
    deleteTag: async (id, key) => {
      await database.write((db) =>
        db
          .deleteFrom("evaluation_dataset_tags")
          .where("dataset_id", "=", id)
          .where("key", "=", key)
          .execute(),
      );
    },
    experimentsOf: async (id) => {
      const rows = await database.db
        .selectFrom("evaluation_dataset_experiments")
        .select("experiment_id")
        .where("dataset_id", "=", id)
        .orderBy("experiment_id")
        .execute();
      return rows.map((row) => row.experiment_id);
    },
    addExperiments: (id, experimentIds) =>
      database.write(async (db) => {
        await get(db, id);
        await requireExperiments(db, experimentIds);
        await putExperiments(db, id, experimentIds);
        await db.updateTable("evaluation_datasets").set({ updated_at: now() }).where("id", "=", id).execute();
        return await get(db, id);
      }),
    removeExperiments: (id, experimentIds) =>
      database.write(async (db) => {
        await get(db, id);
        if (experimentIds.length > 0) {
          await db
            .deleteFrom("evaluation_dataset_experiments")
            .where("dataset_id", "=", id)
            .where("experiment_id", "in", experimentIds)
            .execute();
        }
        await db.updateTable("evaluation_datasets").set({ updated_at: now() }).where("id", "=", id).execute();
        return await get(db, id);
      }),
    upsertRecords: async (id, values) => {
      const records = await checkRecords(values);
      return await database.write(async (db) => {
        const time = now();
        // First the dataset's row: who adds records at the same time waits, and nobody's part of a record is lost.
        await db.updateTable("evaluation_datasets").set({ updated_at: time }).where("id", "=", id).execute();
        const dataset = await get(db, id);
        const counts = await upsertRecords(db, id, records, time);
        const before = dataset.schema === null ? null : parseLossless(dataset.schema);
        const schema = records.length === 0 ? dataset.schema : spacedJson(extendSchema(before, records));
        const user = records.map(userOf).findLast((name) => name !== null) ?? null;
        await db
          .updateTable("evaluation_datasets")
          .set({ schema, digest: digestOf(dataset.name, time), updated_at: time, updated_by: user })
          .where("id", "=", id)
          .execute();
        return counts;
      });
    },
    records: async (id, { limit, after }) => {
      await get(database.db, id);
      let query = database.db.selectFrom("evaluation_records").selectAll().where("dataset_id", "=", id);
      if (after !== null) {
        query = query.where(
          sql<SqlBool>`(created_at, id) > (cast(${after.createdAt} as bigint), ${after.id})`,
        );
      }
      return await query.orderBy("created_at").orderBy("id").limit(limit).execute();
    },
    deleteRecords: (id, recordIds) =>
      database.write(async (db) => {
        await get(db, id);
        if (recordIds.length === 0) return 0;
        const { numDeletedRows } = await db
          .deleteFrom("evaluation_records")
          .where("dataset_id", "=", id)
          .where("id", "in", recordIds)
          .executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

async function searchDatasets(
  database: Database,
  { experimentIds, filter, orderBy, limit, offset }: DatasetSearch,
): Promise<{ datasets: EvaluationDataset[]; more: boolean }> {
  const { dialect, db } = database;
  let query = db
    .selectFrom("evaluation_datasets")
    .select("evaluation_datasets.id")
    .where(compileFilter(dialect, layout, resolveFilter(evaluationDatasets, filter)));
  if (experimentIds.length > 0) {
    query = query.where("evaluation_datasets.id", "in", (inner) =>
      inner
        .selectFrom("evaluation_dataset_experiments")
        .select("dataset_id")
        .where("experiment_id", "in", experimentIds),
    );
  }
  const order = resolveOrderBy(evaluationDatasets, orderBy.length === 0 ? ["created_time DESC"] : orderBy);
  for (const term of compileOrder(dialect, layout, order)) query = query.orderBy(term);
  const rows = await query
    .orderBy("evaluation_datasets.id", "desc")
    // One more than is shown tells whether there is a next page.
    .limit(limit + 1)
    .offset(offset)
    .execute();
  const ids = rows.slice(0, limit).map(({ id }) => id);
  return { datasets: await read(db, ids), more: rows.length > limit };
}

/** In the order of the ids; those that do not exist are missing. */
async function read(db: Queries, ids: readonly string[]): Promise<EvaluationDataset[]> {
  if (ids.length === 0) return [];
  const found = await db.selectFrom("evaluation_datasets").selectAll().where("id", "in", ids).execute();
  const rows = new Map(found.map((row) => [row.id, row]));
  const tags = await db
    .selectFrom("evaluation_dataset_tags")
    .selectAll()
    .where("dataset_id", "in", ids)
    .orderBy("key")
    .execute();
  const counts = await db
    .selectFrom("evaluation_records")
    .select(["dataset_id", (row) => row.fn.countAll<number>().as("count")])
    .where("dataset_id", "in", ids)
    .groupBy("dataset_id")
    .execute();
  const tagsOf = Map.groupBy(tags, (tag) => tag.dataset_id);
  const countOf = new Map(counts.map((row) => [row.dataset_id, Number(row.count)]));
  return ids.flatMap((id) => {
    const row = rows.get(id);
    return row === undefined ? [] : [datasetOf(row, tagsOf.get(id) ?? [], countOf.get(id) ?? 0)];
  });
}

function datasetOf(
  row: Selectable<EvaluationDatasetTable>,
  tags: readonly { key: string; value: string }[],
  records: number,
): EvaluationDataset {
  return {
    id: row.id,
    name: row.name,
    digest: row.digest,
    schema: row.schema,
    records,
    tags: new Map(tags.map(({ key, value }) => [key, value])),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    createdBy: row.created_by,
    updatedBy: row.updated_by,
  };
}

async function putTags(db: Queries, id: string, tags: ReadonlyMap<string, string>): Promise<void> {
  if (tags.size === 0) return;
  await db
    .insertInto("evaluation_dataset_tags")
    .values([...tags].map(([key, value]) => ({ dataset_id: id, key, value })))
    .onConflict((conflict) =>
      conflict.columns(["dataset_id", "key"]).doUpdateSet((row) => ({ value: row.ref("excluded.value") })),
    )
    .execute();
}

async function putExperiments(db: Queries, id: string, experimentIds: readonly string[]): Promise<void> {
  if (experimentIds.length === 0) return;
  await db
    .insertInto("evaluation_dataset_experiments")
    .values(experimentIds.map((experiment_id) => ({ dataset_id: id, experiment_id })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function requireExperiments(db: Queries, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = await db.selectFrom("experiments").select("id").where("id", "in", ids).execute();
  const known = new Set(rows.map((row) => row.id));
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) {
    throw new HearthError("not_found", `No Experiment with id=${unknown.slice(0, 300)} exists`, {
      details: { experiment_id: unknown.slice(0, 300) },
    });
  }
}

/** As MLflow makes it: of the name and the time of the last change. */
function digestOf(name: string, time: number): string {
  return createHash("sha256").update(`${name}:${time}`).digest("hex").slice(0, 8);
}

function unknownDataset(id: string): HearthError {
  return new HearthError("not_found", `Evaluation dataset with id '${id.slice(0, 300)}' not found`, {
    details: { dataset_id: id.slice(0, 300) },
  });
}
