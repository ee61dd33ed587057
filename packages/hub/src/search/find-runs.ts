import { sql, type RawBuilder, type SqlBool } from "kysely";
import type { Database } from "../storage/database.ts";
import { compare } from "./compare.ts";
import { compileFilter } from "./compile-filter.ts";
import type { Condition, SortTerm } from "./condition.ts";
import type { Sql } from "./layout.ts";
import { all, inExperiments, inScope, orderOf, type RunScope } from "./run-scope.ts";
import { runsLayout } from "./runs-layout.ts";

export interface FindRuns extends RunScope {
  /** From `resolveFilter(runs, …)`. */
  conditions: readonly Condition[];
  /** From `resolveOrderBy(runs, …)`. Ties go to the run that started later, then to the smaller id. */
  order: readonly SortTerm[];
  limit: number;
  offset: number;
}

/** Numbers of runs at which the way of looking changes. */
export interface Sizes {
  /** So many are read and sorted faster than an index is walked in search of them. */
  few: number;
  /** From here on it is no question that there are many. */
  many: number;
  /** Tried one by one in the order of an index before matching runs are collected first. */
  tried: number;
  /** The most that are collected; a hundred bytes each. */
  collected: number;
}

const usualSizes: Sizes = { few: 5_000, many: 20_000, tried: 2_000, collected: 100_000 };

/**
 * The ids of a page of runs. How they are looked for depends on how much there is: few matching runs are sorted;
 * among many, those that come first by a metric are found by walking through the index of its values.
 */
export async function findRunIds(
  database: Database,
  request: FindRuns,
  sizes: Sizes = usualSizes,
): Promise<string[]> {
  const search = { ...request, sizes };
  if (search.experimentIds.length === 0 || search.limit <= 0) return [];
  const [first, ...rest] = search.order;
  const rare = await rareCondition(database, search);
  if (first?.kind !== "metric" || rare !== undefined || !(await worthWalking(database, search, first))) {
    return await sorted(database, search, rare);
  }
  return await walk(database, search, first, rest);
}

/** As the indexes of parameters and tags are declared. */
const indexedCharacters = 64;

type Search = FindRuns & { sizes: Sizes };

/** Sorts all runs that match. */
async function sorted(
  { db, dialect }: Database,
  search: Search & { missing?: string },
  rare: Condition | undefined,
  sets: ReadonlySet<Condition> = new Set(),
): Promise<string[]> {
  const { missing, limit, offset } = search;
  const others = search.conditions.filter((condition) => condition !== rare && !sets.has(condition));
  const parts = [
    // The unary plus keeps SQLite from reading all runs of the experiments.
    inScope(dialect, search, rare !== undefined && dialect === "sqlite" ? "+" : ""),
    ...(rare === undefined ? [] : [sql<SqlBool>`runs.id in (${runsWith(dialect, rare)})`]),
    ...[...sets]
      .filter((condition) => condition !== rare)
      .map((condition) => sql<SqlBool>`+runs.id in (${runsWith(dialect, condition)})`),
    compileFilter(dialect, runsLayout, others),
    ...(missing === undefined
      ? []
      : [sql<SqlBool>`not exists (select 1 from metric_series where run_id = runs.id and key = ${missing})`]),
  ];
  return await ids(
    { db, dialect },
    sql`select runs.id from runs where ${all(parts)} order by ${orderOf(dialect, search.order)}`,
    limit,
    offset,
  );
}

/** First the runs with a value, then those with NaN, then those without. */
async function walk(
  database: Database,
  search: Search,
  first: SortTerm,
  rest: readonly SortTerm[],
): Promise<string[]> {
  const near = await walkNear(database, search, first, rest);
  if (near !== undefined) return near;
  const counted = await collectable(database, search);
  const sets = new Set(counted.keys());
  const [rarest, ...others] = [...counted].toSorted(([, a], [, b]) => a - b);
  // What several conditions leave over is little enough to be sorted.
  if (rarest !== undefined && others.length > 0 && rarest[1] <= search.sizes.many) {
    return await sorted(database, search, rarest[0], sets);
  }
  const found: string[] = [];
  let { offset } = search;
  for (const nan of [0, 1] as const) {
    const from = { search, first, rest, nan, sets };
    const page = await ids(database, ordered(database, from), search.limit - found.length, offset);
    found.push(...page);
    if (found.length === search.limit) return found;
    if (page.length > 0 || offset === 0) offset = 0;
    else offset -= await count(database, walked(database, from));
  }
  // A condition on the metric itself is met by no run without it.
  if (search.conditions.some((condition) => isOf(condition, first))) return found;
  const limit = search.limit - found.length;
  const without = await sorted(
    database,
    { ...search, order: rest, missing: first.key, limit, offset },
    undefined,
  );
  return [...found, ...without];
}

/**
 * Looks among the first rows of the index only: undefined when the page is not all there. On PostgreSQL the
 * planner knows better from its statistics.
 */
async function walkNear(
  database: Database,
  search: Search,
  first: SortTerm,
  rest: readonly SortTerm[],
): Promise<string[] | undefined> {
  if (database.dialect !== "sqlite") return undefined;
  const own = search.conditions.filter((condition) => isOf(condition, first));
  const direction = sql.raw(first.ascending ? "asc" : "desc");
  const { rows } = await sql<{ value: number }>`select value from metric_series
    where ${all([ofKey(first.key, 0), ...own.map((condition) => compareOwn(database, condition))])}
    order by value ${direction} limit 1 offset ${search.sizes.tried}`.execute(database.db);
  const border = rows[0]?.value;
  if (border === undefined) return undefined;
  // Strictly before it: of the runs with the value of the border itself some were not tried.
  const beyond = sql<SqlBool>`metric_series.value ${sql.raw(first.ascending ? "<" : ">")} ${border}`;
  const from = { search, first, rest, nan: 0 as const, sets: new Set<Condition>(), beyond };
  const page = await ids(database, ordered(database, from), search.limit, search.offset);
  return page.length === search.limit ? page : undefined;
}

interface Walk {
  search: Search;
  first: SortTerm;
  rest: readonly SortTerm[];
  nan: 0 | 1;
  /** Conditions whose runs are collected first. */
  sets: ReadonlySet<Condition>;
  beyond?: RawBuilder<SqlBool>;
}

function ordered(database: Database, from: Walk): Sql {
  const direction = sql.raw(from.first.ascending ? "asc" : "desc");
  const value = from.nan === 0 ? sql`metric_series.value ${direction}, ` : sql``;
  return sql`select runs.id ${walked(database, from)} order by ${value}${orderOf(database.dialect, from.rest)}`;
}

/** `cross join` keeps the order of the tables in SQLite. The filter's own `metric_series` is another one, inside. */
function walked({ dialect }: Database, { search, first, nan, sets, beyond }: Walk): Sql {
  const own = search.conditions.filter((condition) => isOf(condition, first));
  const others = search.conditions.filter((condition) => !sets.has(condition) && !own.includes(condition));
  const plus = sql.raw(dialect === "sqlite" ? "+" : "");
  const parts = [
    ofKey(first.key, nan),
    ...own.map((condition) => ownOf(dialect, condition, nan)),
    ...(beyond === undefined ? [] : [beyond]),
    ...[...sets]
      .filter((condition) => !own.includes(condition))
      .map((condition) => sql<SqlBool>`${plus}metric_series.run_id in (${runsWith(dialect, condition)})`),
    sql<SqlBool>`runs.id = metric_series.run_id`,
    inScope(dialect, search, dialect === "sqlite" ? "+" : ""),
    compileFilter(dialect, runsLayout, others),
  ];
  return sql`from metric_series cross join runs where ${all(parts)}`;
}

function ofKey(key: string, nan: 0 | 1): RawBuilder<SqlBool> {
  return sql<SqlBool>`metric_series.key = ${key} and metric_series.is_nan = ${sql.lit(nan)}`;
}

function compareOwn({ dialect }: Pick<Database, "dialect">, condition: Condition): RawBuilder<SqlBool> {
  return compare(dialect, sql.ref("metric_series.value"), condition);
}

/** NaN is unequal to every number, and that is all. */
function ownOf(dialect: Database["dialect"], condition: Condition, nan: 0 | 1): RawBuilder<SqlBool> {
  if (nan === 0) return compareOwn({ dialect }, condition);
  return condition.test.comparator === "!=" ? sql<SqlBool>`1 = 1` : sql<SqlBool>`1 = 0`;
}

function isOf(condition: Condition, term: SortTerm): boolean {
  return condition.kind === "metric" && condition.key === term.key;
}

/** The runs that meet a condition, read from an index alone: of the values of a metric, or of how texts begin. */
function runsWith(dialect: Database["dialect"], condition: Condition): Sql {
  const { kind, key, test } = condition;
  if (kind === "metric") {
    return sql`select metric_series.run_id from metric_series
      where ${ofKey(key, 0)} and ${compareOwn({ dialect }, condition)}`;
  }
  const text = "value" in test && typeof test.value === "string" ? test.value : "";
  const beginning = Array.from(text).slice(0, indexedCharacters);
  const table = kind === "param" ? "run_params" : "run_tags";
  // A shorter one is the whole value.
  const whole = beginning.length < indexedCharacters ? sql`` : sql`and value = ${text}`;
  return sql`select run_id from ${sql.table(table)}
    where key = ${key} and substr(value, 1, ${sql.lit(indexedCharacters)}) = ${beginning.join("")} ${whole}`;
}

/** The condition that the fewest runs meet, when these are few. */
async function rareCondition(
  database: Database,
  { conditions, sizes }: Search,
): Promise<Condition | undefined> {
  let rarest: { condition: Condition; runs: number } | undefined;
  for (const condition of conditions.filter(isCollectable)) {
    const runs = await countUpTo(database, runsWith(database.dialect, condition), sizes.few + 1);
    if (runs <= (rarest?.runs ?? sizes.few)) rarest = { condition, runs };
  }
  return rarest?.condition;
}

/** Conditions whose runs can be collected, and how many these are. */
async function collectable(
  database: Database,
  { conditions, sizes }: Search,
): Promise<ReadonlyMap<Condition, number>> {
  const sets = new Map<Condition, number>();
  // PostgreSQL joins as it sees fit.
  if (database.dialect !== "sqlite") return sets;
  for (const condition of conditions.filter(isCollectable)) {
    const runs = await countUpTo(database, runsWith("sqlite", condition), sizes.collected + 1);
    if (runs <= sizes.collected) sets.set(condition, runs);
  }
  return sets;
}

/** An inequality is met by almost all, and by NaN. */
function isCollectable({ kind, test, absent }: Condition): boolean {
  if (kind === "metric") return test.comparator !== "!=";
  return (kind === "param" || kind === "tag") && test.comparator === "=" && absent === undefined;
}

/** Whether the index of a metric, which all experiments share, is not much longer than the runs looked for. */
async function worthWalking(database: Database, search: Search, first: SortTerm): Promise<boolean> {
  const scope = sql`select runs.id from runs where ${inExperiments(database.dialect, search.experimentIds, "")}`;
  const runs = await countUpTo(database, scope, search.sizes.many + 1);
  if (runs <= search.sizes.few) return false;
  if (runs > search.sizes.many) return true;
  const series = sql`select metric_series.run_id from metric_series where metric_series.key = ${first.key}`;
  return (await countUpTo(database, series, 10 * runs + 1)) <= 10 * runs;
}

async function ids(
  { db }: Pick<Database, "db" | "dialect">,
  query: Sql,
  limit: number,
  offset: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`${query} limit ${limit} offset ${offset}`.execute(db);
  return rows.map(({ id }) => id);
}

async function countUpTo({ db }: Database, query: Sql, most: number): Promise<number> {
  const { rows } = await sql<{
    rows: number;
  }>`select count(*) as rows from (${query} limit ${most}) counted`.execute(db);
  return rows[0]?.rows ?? 0;
}

async function count({ db }: Database, from: Sql): Promise<number> {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows ${from}`.execute(db);
  return rows[0]?.rows ?? 0;
}
