import { sql, type RawBuilder } from "kysely";
import type { Database } from "../../../storage/database.ts";
import { compileMetricFilter } from "./metric-filter.ts";
import {
  aggregationLabel,
  checkedMetric,
  dimensionColumns,
  type Aggregation,
  type MetricPoint,
  type MetricQuery,
  type MetricView,
} from "./metric-query.ts";

const sources: Readonly<Record<MetricView, RawBuilder<unknown>>> = {
  TRACES: sql`traces`,
  SPANS: sql`traces join spans on spans.trace_id = traces.id`,
  // One that another has replaced does not count.
  ASSESSMENTS: sql`traces join assessments on assessments.trace_id = traces.id and assessments.valid = 1`,
};

const timeBucket = "time_bucket";

/**
 * Numbers over many traces, put together by time and by dimensions, in their order. Groups of which a value or
 * a dimension is unknown are left out.
 *
 * @throws HearthError `invalid_request`
 */
export async function queryTraceMetrics(database: Database, query: MetricQuery): Promise<MetricPoint[]> {
  const metric = checkedMetric(query);
  const filters = query.filters.map((filter) => compileMetricFilter(database.dialect, query.view, filter));
  if (query.experimentIds.length === 0 || query.aggregations.length === 0) return [];
  const dimensions = dimensionsOf(query);
  const keys = dimensions.map((_, index) => sql.ref(`d${index}`));
  const known = [metric.value, ...dimensions.map(({ value }) => value)].map(
    (value) => sql`${value} is not null`,
  );
  const within = sql.join(
    [
      sql`traces.experiment_id in (${sql.join([...new Set(query.experimentIds)])})`,
      ...timeRange(query),
      ...filters,
      ...known,
    ],
    sql` and `,
  );
  const columns = [
    sql`${metric.value} as v`,
    ...dimensions.map(({ value }, index) => named(value, `d${index}`)),
  ];
  const values = sql`select ${sql.join(columns)} from ${sources[query.view]} where ${within}`;
  const partition = keys.length === 0 ? sql`` : sql`partition by ${sql.join(keys)}`;
  const ranked = query.aggregations.some(({ type }) => type === "PERCENTILE")
    ? sql`select base.*, row_number() over (${partition} order by v) as place,
        count(*) over (${partition}) as size from base`
    : sql`select base.* from base`;
  const results = query.aggregations.map((aggregation, index) =>
    named(aggregate(query.metric, aggregation), `a${index}`),
  );
  const grouped = keys.length === 0 ? sql`` : sql`group by ${sql.join(keys)} order by ${sql.join(keys)}`;
  const { rows } = await sql<Record<string, unknown>>`
    with base as (${values}), ranked as (${ranked})
    select ${sql.join([...keys, ...results])} from ranked ${grouped} limit ${query.limit}`.execute(
    database.db,
  );
  return rows.flatMap((row) => {
    const point: MetricPoint = {
      metric: query.metric,
      dimensions: Object.fromEntries(
        dimensions.map(({ name }, index) => [name, shownDimension(name, row[`d${index}`])]),
      ),
      values: Object.fromEntries(
        query.aggregations.flatMap((aggregation, index) => {
          const value = row[`a${index}`];
          return value === null ? [] : [[aggregationLabel(aggregation), Number(value)]];
        }),
      ),
    };
    return Object.keys(point.values).length === 0 ? [] : [point];
  });
}

function named(value: RawBuilder<unknown>, name: string): RawBuilder<unknown> {
  return sql`${value} as ${sql.ref(name)}`;
}

/** Numbers and times of spans count from their own start, all else from the trace's. */
function dimensionsOf(query: MetricQuery): { name: string; value: RawBuilder<unknown> }[] {
  const dimensions = query.dimensions.map((name) => ({
    name,
    value: sql<unknown>`${sql.ref(dimensionColumns[name] ?? "")}`,
  }));
  if (query.intervalSeconds === undefined) return dimensions;
  const started = query.view === "SPANS" ? sql`spans.start_ns / 1000000` : sql`traces.started_at`;
  const width = sql.lit(query.intervalSeconds * 1000);
  const bucket = sql`floor(cast(${started} as double precision) / ${width}) * ${width}`;
  return [{ name: timeBucket, value: bucket }, ...dimensions];
}

function timeRange({ startMs, endMs }: MetricQuery): RawBuilder<unknown>[] {
  return [
    ...(startMs === undefined ? [] : [sql`traces.started_at >= ${startMs}`]),
    ...(endMs === undefined ? [] : [sql`traces.started_at <= ${endMs}`]),
  ];
}

function aggregate(metric: string, { type, percentile }: Aggregation): RawBuilder<unknown> {
  if (type === "COUNT") return metric === "session_count" ? sql`count(distinct v)` : sql`count(v)`;
  if (type !== "PERCENTILE") {
    return sql`cast(${sql.raw({ SUM: "sum", AVG: "avg", MIN: "min", MAX: "max" }[type])}(v) as double precision)`;
  }
  // Between the two values around the place: what PostgreSQL's percentile_cont and numpy's "linear" do.
  const place = sql`(${sql.lit((percentile ?? 0) / 100)} * (size - 1))`;
  const lower = sql`max(case when place = floor(${place}) + 1 then v end)`;
  const upper = sql`max(case when place = ceil(${place}) + 1 then v end)`;
  const fraction = sql`max(${place} - floor(${place}))`;
  return sql`cast(${lower} + (${upper} - ${lower}) * ${fraction} as double precision)`;
}

function shownDimension(name: string, value: unknown): string {
  if (name !== timeBucket) return String(value);
  return new Date(Number(value))
    .toISOString()
    .replace(/\.000Z$|Z$/, (end) => (end === "Z" ? "000+00:00" : "+00:00"));
}
