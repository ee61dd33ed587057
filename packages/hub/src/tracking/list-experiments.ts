import type { Page } from "@hearth/wire/hub/common";
import type { Experiment, listExperimentsQuery, RunColumns } from "@hearth/wire/hub/experiments";
import { sql } from "kysely";
import type { z } from "zod";
import { contains } from "../storage/contains.ts";
import type { Database, Queries } from "../storage/database.ts";
import { toIso, toIsoOrNull } from "../storage/instant.ts";
import { unknownExperiment } from "./errors.ts";
import { readExperimentTags } from "./search-experiments.ts";

/** Names are collected from so many of the newest runs: some ten milliseconds of work. */
const runsRead = 2_000;

/** Experiments with the number of their runs, those with the newest activity first. */
export async function listExperiments(
  { db }: Database,
  { page, page_size, search, stage }: z.output<typeof listExperimentsQuery>,
): Promise<Page<Experiment>> {
  let query = db.selectFrom("experiments").where("lifecycle_stage", "=", stage);
  if (search !== undefined && search !== "") query = query.where(contains("name", search));
  const { total } = await query
    .select((row) => row.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .select("id")
    .orderBy(sql`coalesce((select max(started_at) from runs
      where experiment_id = experiments.id and runs.lifecycle_stage = ${stage}), created_at) desc`)
    .orderBy("id")
    .limit(page_size)
    .offset((page - 1) * page_size)
    .execute();
  const items = await readExperiments(
    db,
    rows.map(({ id }) => id),
  );
  return { items, total: Number(total), page, page_size };
}

/** One of them, deleted ones too. Throws `not_found`. */
export async function readExperiment({ db }: Database, id: string): Promise<Experiment> {
  const [found] = await readExperiments(db, [id]);
  if (found === undefined) throw unknownExperiment(id);
  return found;
}

/** The names that the newest runs of an experiment use. Throws `not_found`. */
export async function readRunColumns(database: Database, id: string): Promise<RunColumns> {
  await readExperiment(database, id);
  const newest = sql`select id from runs where experiment_id = ${id} and lifecycle_stage = 'active'
    order by started_at desc limit ${sql.lit(runsRead)}`;
  const keys = async (table: string) => {
    const { rows } = await sql<{ key: string }>`select distinct key from ${sql.table(table)}
      where run_id in (select id from (${newest}) newest) order by key`.execute(database.db);
    return rows.map(({ key }) => key);
  };
  const read = await sql<{ runs: number }>`select count(*) as runs from (${newest}) newest`.execute(
    database.db,
  );
  return {
    params: await keys("run_params"),
    metrics: await keys("metric_series"),
    tags: await keys("run_tags"),
    runs_read: Number(read.rows[0]?.runs ?? 0),
  };
}

async function readExperiments(db: Queries, ids: readonly string[]): Promise<Experiment[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("experiments")
    .selectAll()
    .select([
      sql<number>`(select count(*) from runs
        where experiment_id = experiments.id and runs.lifecycle_stage = 'active')`.as("runs"),
      sql<number | null>`(select max(started_at) from runs
        where experiment_id = experiments.id and runs.lifecycle_stage = 'active')`.as("last_run_at"),
    ])
    .where("id", "in", ids)
    .execute();
  const tags = await readExperimentTags(db, ids);
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = found.get(id);
    if (row === undefined) return [];
    return {
      id,
      name: row.name,
      lifecycle_stage: row.lifecycle_stage,
      tags: Object.fromEntries((tags.get(id) ?? []).map(({ key, value }) => [key, value])),
      created_at: toIso(row.created_at),
      updated_at: toIso(row.updated_at),
      runs: Number(row.runs),
      last_run_at: toIsoOrNull(row.last_run_at === null ? null : Number(row.last_run_at)),
    };
  });
}
