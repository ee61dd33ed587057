import { sql, type RawBuilder } from "kysely";
import { invalid } from "../errors.ts";

export type MetricView = "TRACES" | "SPANS" | "ASSESSMENTS";
export type AggregationType = "COUNT" | "SUM" | "AVG" | "PERCENTILE" | "MIN" | "MAX";

export interface Aggregation {
  type: AggregationType;
  /** 0 to 100, of a PERCENTILE only. */
  percentile: number | null;
}

export interface MetricQuery {
  experimentIds: readonly string[];
  view: MetricView;
  metric: string;
  aggregations: readonly Aggregation[];
  dimensions: readonly string[];
  /** Each one comparison: `trace.status = 'OK'`. */
  filters: readonly string[];
  /** Values are put together by spans of time this long; with it both ends are needed. */
  intervalSeconds: number | undefined;
  /** ms since the epoch, both included. */
  startMs: number | undefined;
  endMs: number | undefined;
  limit: number;
}

export interface MetricPoint {
  metric: string;
  dimensions: Record<string, string>;
  /** By aggregation: `AVG`, `P95.0`. */
  values: Record<string, number>;
}

/** What one number of a trace, a span or an assessment is, and what may be asked of it. */
export interface Metric {
  value: RawBuilder<unknown>;
  aggregations: readonly AggregationType[];
  dimensions: readonly string[];
}

const counted: readonly AggregationType[] = ["COUNT"];
const measured: readonly AggregationType[] = ["AVG", "MAX", "MIN", "PERCENTILE"];
const summed: readonly AggregationType[] = [...measured, "SUM"];
const models = ["span_model_name", "span_model_provider"];

function tokens(column: string): Metric {
  return { value: sql.ref(`traces.${column}`), aggregations: summed, dimensions: ["trace_name"] };
}

function cost(column: string): Metric {
  return { value: sql.ref(`spans.${column}`), aggregations: summed, dimensions: models };
}

const metrics: Readonly<Record<MetricView, Readonly<Record<string, Metric>>>> = {
  TRACES: {
    trace_count: {
      value: sql.ref("traces.id"),
      aggregations: counted,
      dimensions: ["trace_name", "trace_status"],
    },
    session_count: { value: sql.ref("traces.session_id"), aggregations: counted, dimensions: [] },
    latency: { value: sql.ref("traces.duration_ms"), aggregations: measured, dimensions: ["trace_name"] },
    input_tokens: tokens("input_tokens"),
    output_tokens: tokens("output_tokens"),
    total_tokens: tokens("total_tokens"),
    cache_read_input_tokens: tokens("cache_read_input_tokens"),
    cache_creation_input_tokens: tokens("cache_creation_input_tokens"),
  },
  SPANS: {
    span_count: {
      value: sql.ref("spans.span_id"),
      aggregations: counted,
      dimensions: ["span_name", "span_type", "span_status", ...models],
    },
    latency: {
      value: sql`((spans.end_ns - spans.start_ns) / 1000000)`,
      aggregations: measured,
      dimensions: ["span_name", "span_status"],
    },
    input_cost: cost("input_cost"),
    output_cost: cost("output_cost"),
    total_cost: cost("total_cost"),
  },
  ASSESSMENTS: {
    assessment_count: {
      value: sql.ref("assessments.id"),
      aggregations: counted,
      dimensions: ["assessment_name", "assessment_value"],
    },
    assessment_value: {
      value: sql.ref("assessments.aggregate_value"),
      aggregations: measured,
      dimensions: ["assessment_name"],
    },
  },
};

/** The columns that values are put together by. */
export const dimensionColumns: Readonly<Record<string, string>> = {
  trace_name: "traces.name",
  trace_status: "traces.state",
  span_name: "spans.name",
  span_type: "spans.type",
  span_status: "spans.status",
  span_model_name: "spans.model_name",
  span_model_provider: "spans.model_provider",
  assessment_name: "assessments.name",
  assessment_value: "assessments.value",
};

/** @throws HearthError `invalid_request` that says what there is */
export function checkedMetric(query: MetricQuery): Metric {
  const known = metrics[query.view];
  const metric = Object.hasOwn(known, query.metric) ? known[query.metric] : undefined;
  if (metric === undefined)
    throw invalid(
      `metric_name must be one of ${quoted(Object.keys(known))}, got '${query.metric.slice(0, 100)}'`,
    );
  const types = query.aggregations.map(({ type }) => type);
  const wrong = types.filter((type) => !metric.aggregations.includes(type));
  if (wrong.length > 0) {
    throw invalid(
      `Found invalid aggregation_type(s): ${quoted(wrong)}. Supported aggregation types: ${quoted(metric.aggregations)}`,
    );
  }
  const unknown = query.dimensions.filter((dimension) => !metric.dimensions.includes(dimension));
  if (unknown.length > 0) {
    throw invalid(
      `Found invalid dimension(s): ${quoted(unknown)}. Supported dimensions: ${quoted(metric.dimensions)}`,
    );
  }
  for (const { type, percentile } of query.aggregations) checkPercentile(type, percentile);
  const { intervalSeconds, startMs, endMs } = query;
  if (intervalSeconds !== undefined && (startMs === undefined || endMs === undefined))
    throw invalid("start_time_ms and end_time_ms are required if time_interval_seconds is set");
  if (intervalSeconds !== undefined && intervalSeconds <= 0)
    throw invalid(`time_interval_seconds must be positive, got ${intervalSeconds}`);
  return metric;
}

function checkPercentile(type: AggregationType, percentile: number | null): void {
  if (type !== "PERCENTILE") {
    if (percentile !== null)
      throw invalid(`Percentile value is only allowed for PERCENTILE aggregation type, got ${type}`);
  } else if (percentile === null) throw invalid("Percentile value is required for PERCENTILE aggregation");
  else if (!(percentile >= 0 && percentile <= 100))
    throw invalid(`Percentile value must be between 0 and 100, got ${percentile}`);
}

/** How MLflow names an aggregation in its answers. */
export function aggregationLabel({ type, percentile }: Aggregation): string {
  if (type !== "PERCENTILE" || percentile === null) return type;
  return `P${Number.isInteger(percentile) ? percentile.toFixed(1) : percentile}`;
}

function quoted(words: readonly string[]): string {
  return `[${words.map((word) => `'${word}'`).join(", ")}]`;
}
