import { HearthError } from "../../../errors.ts";
import { parseLossless } from "../../../lossless-json.ts";
import type { AssessmentError, NewAssessment, StartTrace } from "../../../tracking/tracing/tracing.ts";
import {
  bool,
  enumOf,
  json,
  list,
  map,
  message,
  text,
  wrongValue,
  type Field,
  type MessageOf,
} from "../fields.ts";
import { duration, timestamp } from "./instants.ts";

/** A list that must be given, were it empty. */
export function requiredList<T>(item: Field<T>): Field<T[]> {
  const field = list(item);
  return {
    read: (value, name) => field.read(value, name),
    fromQuery: (values, name) => field.fromQuery(values, name),
    schema: field.schema,
    isRequired: true,
    absent: undefined,
  };
}

export const location = message({
  type: text(),
  mlflow_experiment: message({ experiment_id: text().required() }),
});

const assessmentError = message({ error_code: text(), error_message: text(), stack_trace: text() });

const assessmentFields = {
  assessment_id: text(),
  assessment_name: text(),
  trace_id: text(),
  span_id: text(),
  source: message({
    source_type: enumOf(["SOURCE_TYPE_UNSPECIFIED", "HUMAN", "LLM_JUDGE", "CODE", "AI_JUDGE"]),
    source_id: text(),
  }),
  create_time: timestamp(),
  last_update_time: timestamp(),
  feedback: message({ value: json(), error: assessmentError }),
  expectation: message({
    value: json(),
    serialized_value: message({ serialization_format: text(), value: text() }),
  }),
  issue: message({ issue_name: text() }),
  rationale: text(),
  error: assessmentError,
  metadata: map(text().required()),
  overrides: text(),
  valid: bool(),
};
export const assessment = message(assessmentFields);
export type AssessmentMessage = MessageOf<typeof assessmentFields>;

const infoFields = {
  trace_id: text().or(""),
  client_request_id: text(),
  trace_location: location,
  request_preview: text(),
  response_preview: text(),
  request_time: timestamp(),
  execution_duration: duration(),
  state: enumOf(["STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"]),
  trace_metadata: map(text().required()),
  tags: map(text().required()),
  assessments: list(assessment.required()),
};
export const traceInfo = message(infoFields);

/** What `POST /traces` says. */
export function toStartTrace(info: MessageOf<typeof infoFields>): StartTrace {
  return {
    id: info.trace_id,
    experimentId: info.trace_location?.mlflow_experiment?.experiment_id ?? "",
    startedAt: info.request_time ?? 0,
    durationMs: info.execution_duration ?? null,
    state: info.state ?? "STATE_UNSPECIFIED",
    clientRequestId: info.client_request_id ?? null,
    requestPreview: info.request_preview ?? null,
    responsePreview: info.response_preview ?? null,
    metadata: info.trace_metadata ?? new Map(),
    tags: info.tags ?? new Map(),
    assessments: info.assessments.map(toAssessment),
  };
}

export function toAssessment(given: AssessmentMessage): NewAssessment {
  return {
    id: given.assessment_id ?? null,
    name: given.assessment_name ?? "",
    ...valueOf(given),
    source: {
      source_type: standardType(given.source?.source_type),
      source_id: given.source?.source_id ?? null,
    },
    span_id: emptyToNull(given.span_id),
    rationale: emptyToNull(given.rationale),
    metadata: recordOf(given.metadata),
    overrides: emptyToNull(given.overrides),
    ...(given.valid === undefined ? {} : { valid: given.valid }),
    ...(given.create_time === undefined ? {} : { created_at: given.create_time }),
    ...(given.last_update_time === undefined ? {} : { updated_at: given.last_update_time }),
  };
}

function valueOf(given: AssessmentMessage): Pick<NewAssessment, "kind" | "value" | "error"> {
  const { feedback, expectation, issue } = given;
  if ([feedback, expectation, issue].filter((one) => one !== undefined).length > 1) {
    throw new HearthError(
      "invalid_request",
      "Exactly one of `expectation`, `feedback`, or `issue` should be specified.",
    );
  }
  if (feedback !== undefined) return { kind: "feedback", ...feedbackOf(given) };
  if (expectation !== undefined)
    return { kind: "expectation", value: expectationOf(expectation), error: null };
  if (issue !== undefined)
    return { kind: "issue", value: { issue_name: issue.issue_name ?? "" }, error: null };
  throw new HearthError("invalid_request", "Unknown assessment type: None");
}

export function feedbackOf(given: AssessmentMessage): { value: unknown; error: AssessmentError | null } {
  const error = given.feedback?.error ?? given.error;
  return {
    value: given.feedback?.value ?? null,
    error:
      error === undefined
        ? null
        : {
            error_code: error.error_code ?? "",
            ...(error.error_message === undefined ? {} : { error_message: error.error_message }),
            ...(error.stack_trace === undefined ? {} : { stack_trace: error.stack_trace }),
          },
  };
}

export function expectationOf(expectation: NonNullable<AssessmentMessage["expectation"]>): unknown {
  const serialised = expectation.serialized_value;
  if (serialised === undefined) return expectation.value ?? null;
  if (serialised.serialization_format !== "JSON_FORMAT") {
    throw new HearthError(
      "invalid_request",
      `Unknown serialization format: ${String(serialised.serialization_format).slice(0, 50)}. Only JSON_FORMAT is supported.`,
    );
  }
  try {
    return parseLossless(serialised.value ?? "");
  } catch (error) {
    throw new HearthError(
      "invalid_request",
      wrongValue(serialised.value, "assessment.expectation.serialized_value.value", "It is not JSON.")
        .message,
      { cause: error },
    );
  }
}

export function recordOf(entries: ReadonlyMap<string, string> | undefined): Record<string, string> | null {
  return entries === undefined ? null : Object.fromEntries(entries);
}

/** The old name of a judge. */
function standardType(type: string | undefined): string {
  return type === "AI_JUDGE" ? "LLM_JUDGE" : (type ?? "SOURCE_TYPE_UNSPECIFIED");
}

function emptyToNull(value: string | undefined): string | null {
  return value === undefined || value === "" ? null : value;
}
