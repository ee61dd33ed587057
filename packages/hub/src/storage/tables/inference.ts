/** What an answer of the hub adds to its trace. Primary key: trace_id. */
export interface InferenceTable {
  trace_id: string;
  endpoint: string;
  /** Null: a model of another server answered. */
  version_id: string | null;
  /** Copied from the version, so that a trace stays true when the version is gone; or `provider/model`. */
  model: string;
  version: number | null;
  run_id: string | null;
  artifact_sha256: string | null;
  status: "ok" | "error" | "cancelled";
  finish_reason: string | null;
  error_code: string | null;
  prompt_tokens: number | null;
  cached_tokens: number | null;
  completion_tokens: number | null;
  ttft_ms: number | null;
  latency_ms: number;
  created_at: number;
}
