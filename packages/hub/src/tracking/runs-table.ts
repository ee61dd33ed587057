import type { SearchRunsAnswer, searchRunsRequest, TableRun } from "@hearth/wire/hub/runs-table";
import { sql } from "kysely";
import type { z } from "zod";
import {
  all,
  compileFilter,
  findRunIds,
  inScope,
  resolveFilter,
  resolveOrderBy,
  runs,
} from "../search/search.ts";
import type { Condition, RunScope } from "../search/search.ts";
import type { Database } from "../storage/database.ts";
import { runsLayout } from "../search/search.ts";
import { hubRun } from "./hub-runs.ts";
import { readColumns } from "./read-columns.ts";
import { readRunRows, readRuns } from "./read-runs.ts";
import type { RunRecord } from "./run-record.ts";

/** Whoever scrolls asks for many pages of one filter; so long its number of runs is not counted again. */
const countedMs = 2_000;
const countsKept = 50;

/** Pages of runs at any offset, with the number of runs that match. Throws `invalid_request`. */
export class RunsTable {
  readonly #database: Database;
  readonly #counts = new Map<string, { total: number; until: number }>();

  constructor(database: Database) {
    this.#database = database;
  }

  async search(request: z.output<typeof searchRunsRequest>): Promise<SearchRunsAnswer> {
    const conditions = resolveFilter(runs, request.filter);
    const order = resolveOrderBy(runs, request.order_by);
    const scope = scopeOf(request);
    const { limit, offset } = request;
    const total = await this.#total(scope, conditions, request.filter);
    if (limit === 0 || offset >= total) return { total, items: [] };
    const ids = await findRunIds(this.#database, { ...scope, conditions, order, limit, offset });
    const found = await this.#read(ids, request.columns);
    return { total, items: found.map(tableRow) };
  }

  async #read(ids: readonly string[], columns: readonly string[] | undefined): Promise<RunRecord[]> {
    if (columns === undefined) return await readRuns(this.#database.db, ids);
    return await readColumns(this.#database, await readRunRows(this.#database.db, ids), columns);
  }

  async #total(scope: RunScope, conditions: readonly Condition[], filter: string): Promise<number> {
    // Without a filter an index tells at once.
    if (conditions.length === 0) return await countRuns(this.#database, scope, conditions);
    const key = JSON.stringify([scope, filter]);
    const known = this.#counts.get(key);
    if (known !== undefined && known.until > performance.now()) return known.total;
    const total = await countRuns(this.#database, scope, conditions);
    this.#counts.delete(key);
    this.#counts.set(key, { total, until: performance.now() + countedMs });
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > countsKept && oldest !== undefined) this.#counts.delete(oldest);
    return total;
  }
}

/** The scope of a request of the hub's own API. */
export function scopeOf(request: {
  experiment_ids: readonly string[];
  stage: "active" | "deleted" | "all";
}): RunScope {
  return {
    experimentIds: request.experiment_ids,
    lifecycle: request.stage === "all" ? null : request.stage,
  };
}

async function countRuns(
  { db, dialect }: Database,
  scope: RunScope,
  conditions: readonly Condition[],
): Promise<number> {
  const where = all([inScope(dialect, scope, ""), compileFilter(dialect, runsLayout, conditions)]);
  const { rows } = await sql<{ total: number }>`select count(*) as total from runs where ${where}`.execute(
    db,
  );
  return Number(rows[0]?.total ?? 0);
}

function tableRow(run: RunRecord): TableRun {
  return { ...hubRun(run), user_id: run.userId, lifecycle_stage: run.lifecycleStage };
}
