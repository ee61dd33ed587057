import type { ColumnType } from "kysely";
import type { Instant, Json } from "./columns.ts";

/** What one request did: an answer of the hub, or what a client of MLflow or OpenTelemetry traced. */
export interface TraceTable {
  /** `tr-` and 32 hexadecimal digits; MLflow's clients may name others. */
  id: string;
  experiment_id: string;
  started_at: Instant;
  /** ms; null while it runs */
  duration_ms: number | null;
  state: "STATE_UNSPECIFIED" | "OK" | "ERROR" | "IN_PROGRESS";
  name: string | null;
  client_request_id: string | null;
  request_preview: string | null;
  response_preview: string | null;
  session_id: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  total_tokens: number | null;
  cache_read_input_tokens: number | null;
  cache_creation_input_tokens: number | null;
  cache_creation_input_tokens_above_1hr: number | null;
  /** US dollars */
  input_cost: number | null;
  output_cost: number | null;
  total_cost: number | null;
  /** 1 when a client has told its times, which spans do not change any more. */
  finalized: 0 | 1;
  /** 1 when a client has told the tokens, and the cost: then they are not summed over the spans. */
  told_tokens: 0 | 1;
  told_cost: 0 | 1;
}

/** Primary key (trace_id, key). */
export interface TraceTagTable {
  trace_id: string;
  key: string;
  value: string;
}

/** Primary key (trace_id, key). */
export interface TraceMetadataTable {
  trace_id: string;
  key: string;
  value: string;
}

/** ns since the epoch, for order and differences only: more than a JavaScript number holds. `content` has them exactly. */
type Nanoseconds = ColumnType<never, bigint, bigint>;

/** Primary key (trace_id, span_id). */
export interface SpanTable {
  trace_id: string;
  /** 16 hexadecimal digits, like the parent's. */
  span_id: string;
  parent_span_id: string | null;
  /** That of the trace. */
  experiment_id: string;
  name: string;
  type: string | null;
  status: "UNSET" | "OK" | "ERROR";
  start_ns: Nanoseconds;
  end_ns: ColumnType<never, bigint | null, bigint | null>;
  model_name: string | null;
  model_provider: string | null;
  /** `{input_tokens, output_tokens, total_tokens, …}` */
  token_usage: Json | null;
  /** US dollars */
  input_cost: number | null;
  output_cost: number | null;
  total_cost: number | null;
  /** The whole span; `tracking/tracing/span-content.ts` says how. */
  content: Json;
}

/** What people or programs say of a trace. Primary key: id. */
export interface AssessmentTable {
  id: string;
  /** Order of arrival. */
  sequence: ColumnType<number, never, never>;
  trace_id: string;
  name: string;
  kind: "feedback" | "expectation" | "issue";
  value: Json;
  /** `{error_code, error_message, stack_trace}` */
  error: Json | null;
  source_type: string;
  source_id: string | null;
  run_id: string | null;
  span_id: string | null;
  rationale: string | null;
  /** The assessment that it replaces. */
  overrides: string | null;
  valid: 0 | 1;
  metadata: Json | null;
  /** What averages are taken of: a number, or 1 and 0 for yes and no; null for anything else. */
  aggregate_value: number | null;
  /** 1 when `value` itself is a number. */
  is_numeric: 0 | 1;
  created_at: Instant;
  updated_at: Instant;
}

/** Primary key (trace_id, run_id). */
export interface TraceRunTable {
  trace_id: string;
  run_id: string;
}

/** Primary key (trace_id, prompt). */
export interface TracePromptTable {
  trace_id: string;
  /** `name/version` */
  prompt: string;
}
