import { RowInsert } from "../../storage/insert-rows.ts";
import type { SpanRow } from "./span-content.ts";

/** Adds spans; one that is there is replaced. */
export const spanInsert = new RowInsert(
  "spans",
  {
    trace_id: "text",
    span_id: "text",
    parent_span_id: "text",
    experiment_id: "text",
    name: "text",
    type: "text",
    status: "text",
    start_ns: "bigint",
    end_ns: "bigint",
    model_name: "text",
    model_provider: "text",
    token_usage: "text",
    input_cost: "double precision",
    output_cost: "double precision",
    total_cost: "double precision",
    content: "text",
  },
  `on conflict (trace_id, span_id) do update set
    parent_span_id = excluded.parent_span_id, name = excluded.name, type = excluded.type,
    status = excluded.status, start_ns = excluded.start_ns, end_ns = excluded.end_ns,
    model_name = excluded.model_name, model_provider = excluded.model_provider,
    token_usage = excluded.token_usage, input_cost = excluded.input_cost,
    output_cost = excluded.output_cost, total_cost = excluded.total_cost, content = excluded.content`,
);

/** The values of {@link spanInsert}, in its order. */
export function spanValues(row: SpanRow, experimentId: string): unknown[] {
  return [
    row.traceId,
    row.spanId,
    row.parentSpanId,
    experimentId,
    row.name,
    row.type,
    row.status,
    row.startNs,
    row.endNs,
    row.modelName,
    row.modelProvider,
    row.tokenUsage === null ? null : JSON.stringify(row.tokenUsage),
    row.cost?.["input_cost"] ?? null,
    row.cost?.["output_cost"] ?? null,
    row.cost?.["total_cost"] ?? null,
    row.content,
  ];
}
