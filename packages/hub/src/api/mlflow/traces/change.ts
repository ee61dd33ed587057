import { required } from "../../required.ts";
import { enumOf, int32, int64, list, message, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { presentOldInfo } from "./present.ts";
import { requiredList } from "./requests.ts";

const pair = message({ key: text().required(), value: text().or("") });

/** Where clients of MLflow 3 name a trace `trace_id`, those of MLflow 2 name it `request_id`; the path is one. */
const versions = ["2.0", "3.0"] as const;

export const setTraceTag = mlflowOperation({
  method: "PATCH",
  path: "/mlflow/traces/{trace_id}/tags",
  versions,
  name: "mlflowSetTraceTag",
  summary: "Sets a tag of a trace",
  request: { key: text().required(), value: text().or("") },
  handle: async ({ services, params, input }) => {
    await services.tracing.setTag(required(params, "trace_id"), input.key, input.value);
    return undefined;
  },
});

export const deleteTraceTag = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/traces/{trace_id}/tags",
  versions,
  name: "mlflowDeleteTraceTag",
  summary: "Removes a tag of a trace",
  request: { key: text().required() },
  handle: async ({ services, params, input }) => {
    await services.tracing.deleteTag(required(params, "trace_id"), input.key);
    return undefined;
  },
});

export const deleteTraces = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces/delete-traces",
  versions,
  name: "mlflowDeleteTraces",
  summary: "Deletes traces of an experiment, by id or by age",
  request: {
    experiment_id: text().required(),
    max_timestamp_millis: int64(),
    max_traces: int32(),
    request_ids: list(text().required()),
  },
  handle: async ({ services, input }) => ({
    traces_deleted: await services.tracing.deleteTraces({
      experimentId: input.experiment_id,
      maxTimestamp: input.max_timestamp_millis,
      maxTraces: input.max_traces,
      traceIds: input.request_ids,
    }),
  }),
});

export const linkTracesToRun = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces/link-to-run",
  name: "mlflowLinkTracesToRun",
  summary: "Makes traces those of a run",
  request: { trace_ids: requiredList(text().required()), run_id: text().required() },
  handle: async ({ services, input }) => {
    await services.tracing.linkToRun(input.trace_ids, input.run_id);
    return undefined;
  },
});

export const linkPromptsToTrace = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces/link-prompts",
  name: "mlflowLinkPromptsToTrace",
  summary: "Says which prompts a trace used",
  request: {
    trace_id: text().required(),
    prompt_versions: requiredList(
      message({ name: text().required(), version: text().required() }).required(),
    ),
  },
  handle: async ({ services, input }) => {
    await services.tracing.linkPrompts(input.trace_id, input.prompt_versions);
    return undefined;
  },
});

export const beginTrace = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces",
  name: "mlflowBeginTrace",
  summary: "Begins a trace, as clients of MLflow 2 do",
  request: {
    experiment_id: text().or("0"),
    timestamp_ms: int64().or(0),
    request_metadata: list(pair.required()),
    tags: list(pair.required()),
  },
  handle: async ({ services, input }) => {
    const info = await services.tracing.beginTrace({
      experimentId: input.experiment_id,
      startedAt: input.timestamp_ms,
      metadata: mapOf(input.request_metadata),
      tags: mapOf(input.tags),
    });
    return { trace_info: presentOldInfo(info) };
  },
});

export const endTrace = mlflowOperation({
  method: "PATCH",
  path: "/mlflow/traces/{request_id}",
  name: "mlflowEndTrace",
  summary: "Ends a trace, as clients of MLflow 2 do",
  request: {
    timestamp_ms: int64().or(0),
    status: enumOf(["TRACE_STATUS_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"]),
    request_metadata: list(pair.required()),
    tags: list(pair.required()),
  },
  handle: async ({ services, params, input }) => {
    const state = input.status ?? "TRACE_STATUS_UNSPECIFIED";
    const info = await services.tracing.endTrace(required(params, "request_id"), {
      state: state === "TRACE_STATUS_UNSPECIFIED" ? "STATE_UNSPECIFIED" : state,
      endedAt: input.timestamp_ms,
      metadata: mapOf(input.request_metadata),
      tags: mapOf(input.tags),
    });
    return { trace_info: presentOldInfo(info) };
  },
});

function mapOf(pairs: readonly { key: string; value: string }[]): Map<string, string> {
  return new Map(pairs.map(({ key, value }) => [key, value]));
}
