import { z } from "zod";
import { instant, page, pageQuery } from "./common.ts";

export const traceState = z.enum(["STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"]);

/** A trace in a list: an answer of the hub, or what a client of MLflow or OpenTelemetry has sent. */
export const traceSummary = z.object({
  /** `tr-` and 32 hexadecimal digits; MLflow's clients may name others. */
  id: z.string(),
  experiment_id: z.string(),
  name: z.string().nullable(),
  state: traceState,
  started_at: instant,
  /** Null while it runs. */
  duration_ms: z.number().nullable(),
  /** To the first token; only of the hub's own answers. */
  ttft_ms: z.number().nullable(),
  input_tokens: z.number().nullable(),
  output_tokens: z.number().nullable(),
  cached_tokens: z.number().nullable(),
  /** US dollars, as the client told them. */
  total_cost: z.number().nullable(),
  /** What answered: a model, `provider/model`, or the first name that a span tells. */
  model: z.string().nullable(),
  version: z.int().nullable(),
  finish_reason: z.string().nullable(),
  error_code: z.string().nullable(),
  request_preview: z.string().nullable(),
  response_preview: z.string().nullable(),
});
export type TraceSummary = z.infer<typeof traceSummary>;
export const traceSummaryPage = page(traceSummary);

export const traceSort = z.enum(["started_at", "duration_ms", "ttft_ms", "total_tokens", "total_cost"]);

/** Query of `GET /traces/search`. */
export const searchTracesQuery = pageQuery.extend({
  /** A model, `model:3`, `provider/model`, or a name that a span tells. */
  model: z.string().max(600).optional(),
  state: traceState.optional(),
  experiment_id: z.string().max(100).optional(),
  /** Made in this run, answered by a version that it made, or linked to it later. */
  run_id: z.string().max(64).optional(),
  /** In the name, the id, and what is kept of question and answer. */
  text: z.string().max(500).optional(),
  since: instant.optional(),
  until: instant.optional(),
  sort: traceSort.default("started_at"),
  order: z.enum(["asc", "desc"]).default("desc"),
});
export type SearchTracesQuery = z.infer<typeof searchTracesQuery>;

const attributes = z.record(z.string(), z.unknown());

/** One step of a trace. Times are ns since the epoch in decimal digits: a number would not hold them. */
export const span = z.object({
  span_id: z.string(),
  parent_span_id: z.string().nullable(),
  name: z.string(),
  status: z.enum(["UNSET", "OK", "ERROR"]),
  status_message: z.string(),
  start_ns: z.string(),
  /** Null while it runs. */
  end_ns: z.string().nullable(),
  attributes,
  /** Exceptions are events named `exception`, with `exception.type`, `.message` and `.stacktrace`. */
  events: z.array(z.object({ name: z.string(), time_ns: z.string(), attributes })),
});
export type TraceSpan = z.infer<typeof span>;

export const traceAssessment = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(["feedback", "expectation", "issue"]),
  value: z.unknown(),
  error: z.string().nullable(),
  source_type: z.string(),
  source_id: z.string().nullable(),
  span_id: z.string().nullable(),
  rationale: z.string().nullable(),
  created_at: instant,
});
export type TraceAssessment = z.infer<typeof traceAssessment>;

/** Answer of `GET /traces/{id}/spans`. */
export const traceDetails = z.object({
  trace: traceSummary,
  metadata: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
  /** Those that are valid. */
  assessments: z.array(traceAssessment),
  /** Of the run that the trace came from; null when it names none. */
  run_id: z.string().nullable(),
  /** Only of the hub's own answers: sha256 of what the engine had loaded. */
  artifact_sha256: z.string().nullable(),
  /** Is it an answer of this hub? */
  answered_here: z.boolean(),
  /** The root first, then by their start; at most 5,000. */
  spans: z.array(span),
  total_spans: z.int(),
});
export type TraceDetails = z.infer<typeof traceDetails>;
