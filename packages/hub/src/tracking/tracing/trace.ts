import type { TraceTable } from "../../storage/tables/traces.ts";

export type TraceState = TraceTable["state"];

/** Who said it. */
export interface AssessmentSource {
  source_type: string;
  source_id: string | null;
}

export interface AssessmentError {
  error_code: string;
  error_message?: string;
  stack_trace?: string;
}

/** What a person or a program says of a trace, or of one of its spans. */
export interface Assessment {
  id: string;
  trace_id: string;
  name: string;
  kind: "feedback" | "expectation" | "issue";
  /** Any JSON. Of an issue: `{issue_name}`. */
  value: unknown;
  error: AssessmentError | null;
  source: AssessmentSource;
  span_id: string | null;
  rationale: string | null;
  metadata: Record<string, string> | null;
  overrides: string | null;
  valid: boolean;
  /** ms since the epoch */
  created_at: number;
  updated_at: number;
}

/** A trace without its spans. */
export interface TraceInfo {
  id: string;
  experiment_id: string;
  client_request_id: string | null;
  /** ms since the epoch */
  started_at: number;
  /** ms; null while it runs */
  duration_ms: number | null;
  state: TraceState;
  request_preview: string | null;
  response_preview: string | null;
  metadata: Record<string, string>;
  tags: Record<string, string>;
  assessments: Assessment[];
}
