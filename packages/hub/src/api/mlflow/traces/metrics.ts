import { double, enumOf, int32, int64, list, message, text } from "../fields.ts";
import { compact } from "../compact.ts";
import { mlflowOperation } from "../operation.ts";
import { requiredList } from "./requests.ts";

const defaultPoints = 1000;
const maxPoints = 100_000;

export const queryTraceMetrics = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces/metrics",
  versions: ["3.0"],
  name: "mlflowQueryTraceMetrics",
  summary: "Counts, latencies, tokens and costs over many traces",
  request: {
    experiment_ids: requiredList(text().required()),
    view_type: enumOf(["TRACES", "SPANS", "ASSESSMENTS"]).required(),
    metric_name: text().required(),
    aggregations: requiredList(
      message({
        aggregation_type: enumOf(["COUNT", "SUM", "AVG", "PERCENTILE", "MIN", "MAX"]).required(),
        percentile_value: double(),
      }).required(),
    ),
    dimensions: list(text().required()),
    filters: list(text().required()),
    time_interval_seconds: int64(),
    start_time_ms: int64(),
    end_time_ms: int64(),
    max_results: int32().or(defaultPoints),
    page_token: text(),
  },
  handle: async ({ services, input }) => {
    const points = await services.tracing.metrics({
      experimentIds: input.experiment_ids,
      view: input.view_type,
      metric: input.metric_name,
      aggregations: input.aggregations.map(({ aggregation_type, percentile_value }) => ({
        type: aggregation_type,
        percentile: percentile_value ?? null,
      })),
      dimensions: input.dimensions,
      filters: input.filters,
      intervalSeconds: input.time_interval_seconds,
      startMs: input.start_time_ms,
      endMs: input.end_time_ms,
      limit: Math.max(0, Math.min(maxPoints, input.max_results)),
    });
    return compact({
      data_points: points.map(({ metric, dimensions, values }) =>
        compact({
          metric_name: metric,
          dimensions: Object.keys(dimensions).length === 0 ? null : dimensions,
          values,
        }),
      ),
    });
  },
});

export const correlateFilters = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces/calculate-filter-correlation",
  versions: ["3.0"],
  name: "mlflowCorrelateTraceFilters",
  summary: "How much the traces that meet one filter are those that meet another",
  request: {
    experiment_ids: requiredList(text().required()),
    filter_string1: text().required(),
    filter_string2: text().required(),
    base_filter: text().or(""),
  },
  handle: async ({ services, input }) => {
    const { npmi, npmiSmoothed, ...counts } = await services.tracing.correlate(
      input.experiment_ids,
      [input.filter_string1, input.filter_string2],
      input.base_filter,
    );
    return {
      npmi: showDouble(npmi),
      npmi_smoothed: showDouble(npmiSmoothed),
      filter1_count: counts.filter1Count,
      filter2_count: counts.filter2Count,
      joint_count: counts.jointCount,
      total_count: counts.totalCount,
    };
  },
});

/** Protobuf's JSON has a word for what JSON cannot write. */
function showDouble(value: number): number | string {
  return Number.isNaN(value) ? "NaN" : value;
}
