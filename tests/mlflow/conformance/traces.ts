import { differing, get, noFault, post, send, strict, wrong, type Step } from "./step.ts";

const v3 = "/api/3.0/mlflow/traces";
const id = `tr-${"1".repeat(32)}`;
const locations = [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "<traced>" } }];
const unnamed = `tr-${"6".repeat(32)}`;
const unknown = `tr-${"0".repeat(32)}`;

function trace(traceId: string, changes: object = {}): object {
  return {
    trace: {
      trace_info: {
        trace_id: traceId,
        trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "<traced>" } },
        request_preview: '{"q": 1}',
        response_preview: '"a"',
        request_time: "2024-01-02T03:04:05.678Z",
        execution_duration: "1.5s",
        state: "OK",
        trace_metadata: { "mlflow.user": "me" },
        tags: { "mlflow.traceName": "ask", colour: "red" },
        ...changes,
      },
    },
  };
}

const steps: readonly Step[] = [
  post(
    "an experiment for traces",
    "experiments/create",
    { name: "for traces" },
    { keep: { traced: "experiment_id" } },
  ),
  post("a trace", v3, trace(id)),
  get("a trace's record", `${v3}/${id}`),
  get("an unknown trace", `${v3}/${unknown}`),
  ...wrong("a trace", v3, {
    "of nothing": {},
    "without an id": { trace: { trace_info: { request_time: "2024-01-02T03:04:05Z" } } },
    "of an unknown experiment": trace(`tr-${"2".repeat(32)}`, {
      trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "987654" } },
    }),
  }),
  send("PATCH", "a trace's tag", `${v3}/${id}/tags`, { key: "t", value: "1" }),
  send("PATCH", "a trace's tag as the Python client sets it", `traces/${id}/tags`, { key: "u", value: "2" }),
  send("PATCH", "a tag of an unknown trace", `${v3}/${unknown}/tags`, { key: "t", value: "1" }),
  send("PATCH", "a trace's tag without a key", `${v3}/${id}/tags`, { value: "1" }),
  send("DELETE", "a trace's tag taken away", `${v3}/${id}/tags`, { key: "t" }),
  send("DELETE", "a trace's tag taken away again", `${v3}/${id}/tags`, { key: "t" }),
  post("traces searched", `${v3}/search`, {
    locations,
  }),
  ...wrong("searching traces", `${v3}/search`, {
    "by tag": {
      locations,
      filter: "tags.colour = 'red'",
    },
    "by a missing tag": {
      locations,
      filter: "tags.colour = 'blue'",
    },
    "by state": {
      locations,
      filter: "status = 'OK'",
    },
    "by a broken filter": {
      locations,
      filter: "x ==",
    },
    "by nothing known": {
      locations,
      filter: "colour = 'x'",
    },
    "of too many": {
      locations,
      max_results: 501,
    },
    "of fewer than none": {
      locations,
      max_results: -1,
    },
  }),
  post(
    "a feedback",
    `${v3}/${id}/assessments`,
    {
      assessment: {
        assessment_name: "good",
        trace_id: id,
        source: { source_type: "HUMAN", source_id: "me" },
        create_time: "2024-01-02T03:04:05.678Z",
        last_update_time: "2024-01-02T03:04:05.678Z",
        feedback: { value: true },
        rationale: "because",
        metadata: { k: "v" },
        valid: true,
      },
    },
    { keep: { feedback: "assessment.assessment_id" } },
  ),
  get("the feedback", `${v3}/${id}/assessments/<feedback>`),
  get("an unknown feedback", `${v3}/${id}/assessments/a-${"0".repeat(32)}`),
  get("a feedback of an unknown trace", `${v3}/${unknown}/assessments/<feedback>`),
  send("PATCH", "another feedback", `${v3}/${id}/assessments/<feedback>`, {
    assessment: { assessment_id: "<feedback>", trace_id: id, feedback: { value: 0.5 } },
    update_mask: "feedback",
  }),
  post("a feedback on an unknown trace", `${v3}/${unknown}/assessments`, {
    assessment: {
      assessment_name: "good",
      trace_id: unknown,
      source: { source_type: "HUMAN", source_id: "me" },
      feedback: { value: true },
    },
  }),
  ...wrong("a feedback", `${v3}/${id}/assessments`, {
    "of nothing": {},
    "without a value": {
      assessment: { assessment_name: "x", trace_id: id, source: { source_type: "HUMAN", source_id: "me" } },
    },
  }),
  get("the trace with its feedback", `${v3}/${id}`),
  send("DELETE", "a feedback deleted", `${v3}/${id}/assessments/<feedback>`, undefined),
  send("DELETE", "a feedback deleted again", `${v3}/${id}/assessments/<feedback>`, undefined),
  post(
    "a run for traces",
    "runs/create",
    { experiment_id: "<traced>", run_name: "links", start_time: 1 },
    { keep: { links: "run.info.run_id" } },
  ),
  post("a trace linked to it", "traces/link-to-run", { trace_ids: [id], run_id: "<links>" }),
  post("too many traces linked", "traces/link-to-run", {
    trace_ids: Array.from({ length: 101 }, () => id),
    run_id: "<links>",
  }),
  post("records of several", `${v3}/batchGetInfos`, { trace_ids: [id, unknown] }),
  ...wrong("deleting traces", `${v3}/delete-traces`, {
    "no experiment": { request_ids: [id] },
    "neither ids nor a time": { experiment_id: "<traced>" },
    "ids and a time": { experiment_id: "<traced>", request_ids: [id], max_timestamp_millis: 1 },
  }),
  post("a trace deleted", `${v3}/delete-traces`, { experiment_id: "<traced>", request_ids: [id] }),
  post("a trace deleted again", `${v3}/delete-traces`, { experiment_id: "<traced>", request_ids: [id] }),
  get("the deleted trace", `${v3}/${id}`),
  // MLflow stores what follows, so it comes last.
  ...wrong("a stray trace", v3, {
    "at a time of words": trace(`tr-${"3".repeat(32)}`, { request_time: "noon" }),
    "in an unknown state": trace(`tr-${"4".repeat(32)}`, { state: "FINE" }),
    "with tags of text": trace(`tr-${"5".repeat(32)}`, { tags: "x" }),
  }),
  post("a trace for a feedback without a name", v3, trace(unnamed)),
  post("a feedback without a name", `${v3}/${unnamed}/assessments`, {
    assessment: {
      trace_id: unnamed,
      source: { source_type: "HUMAN", source_id: "me" },
      feedback: { value: 1 },
    },
  }),
];

/** Traces, their tags and assessments. */
export const traces = differing(steps, {
  "a trace: without an id": noFault,
  "a tag of an unknown trace": {
    reason: "what is not there is not found, as everywhere else",
    status: 404,
    error_code: "RESOURCE_DOES_NOT_EXIST",
  },
  "a stray trace: at a time of words": strict,
  "a stray trace: in an unknown state": strict,
  "a stray trace: with tags of text": strict,
  "a feedback without a name": strict,
});
