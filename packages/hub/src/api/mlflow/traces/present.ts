import { spacedJson } from "../../../lossless-json.ts";
import type { Assessment, TraceInfo } from "../../../tracking/tracing/tracing.ts";
import { compact } from "../compact.ts";
import { showDuration, showTimestamp } from "./instants.ts";

/** `TraceInfoV3` of MLflow. */
export function presentInfo(info: TraceInfo): object {
  return compact({
    trace_id: info.id,
    client_request_id: info.client_request_id,
    trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: info.experiment_id } },
    request_time: showTimestamp(info.started_at),
    execution_duration: info.duration_ms === null ? null : showDuration(info.duration_ms),
    state: info.state === "STATE_UNSPECIFIED" ? null : info.state,
    trace_metadata: Object.keys(info.metadata).length === 0 ? null : info.metadata,
    assessments: info.assessments.map(presentAssessment),
    tags: Object.keys(info.tags).length === 0 ? null : info.tags,
    request_preview: info.request_preview,
    response_preview: info.response_preview,
  });
}

/** The record of a trace as clients of MLflow 2 know it. */
export function presentOldInfo(info: TraceInfo): object {
  const pairs = (entries: Record<string, string>) =>
    Object.entries(entries).map(([key, value]) => ({ key, value }));
  return compact({
    request_id: info.id,
    experiment_id: info.experiment_id,
    timestamp_ms: info.started_at,
    execution_time_ms: info.duration_ms ?? 0,
    status: info.state === "STATE_UNSPECIFIED" ? "TRACE_STATUS_UNSPECIFIED" : info.state,
    request_metadata: pairs(info.metadata),
    tags: pairs(info.tags),
  });
}

export function presentAssessment(assessment: Assessment): object {
  const { kind, metadata } = assessment;
  return compact({
    assessment_id: assessment.id,
    assessment_name: assessment.name,
    trace_id: assessment.trace_id,
    span_id: assessment.span_id,
    source: compact(assessment.source),
    create_time: showTimestamp(assessment.created_at),
    last_update_time: showTimestamp(assessment.updated_at),
    feedback:
      kind === "feedback"
        ? { value: assessment.value, ...(assessment.error === null ? {} : { error: assessment.error }) }
        : null,
    expectation: kind === "expectation" ? expectation(assessment.value) : null,
    issue: kind === "issue" ? assessment.value : null,
    rationale: assessment.rationale,
    metadata: metadata === null || Object.keys(metadata).length === 0 ? null : metadata,
    overrides: assessment.overrides,
    valid: assessment.valid,
  });
}

/** Lists and objects travel as a text. */
function expectation(value: unknown): object {
  return typeof value === "object" && value !== null
    ? { serialized_value: { serialization_format: "JSON_FORMAT", value: spacedJson(value) } }
    : { value };
}
