import { inTree } from "../../../artifacts/location.ts";
import { HearthError } from "../../../errors.ts";
import { inTrackingStore, tagNames, type TraceWithSpans } from "../../../tracking/tracing/tracing.ts";
import { required } from "../../required.ts";
import { contentTypeOf } from "../../files/content-type.ts";
import { sendFile } from "../../files/send-file.ts";
import { bool, list, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { presentInfo, presentOldInfo } from "./present.ts";
import { requiredList } from "./requests.ts";
import { artifactSpan, protobufSpan, spanList } from "./span-json.ts";

export const getTraceInfo = mlflowOperation({
  method: "GET",
  path: "/mlflow/traces/{trace_id}",
  versions: ["3.0"],
  name: "mlflowGetTraceInfo",
  summary: "The record of a trace, without its spans",
  handle: async ({ services, params }) => ({
    trace: { trace_info: presentInfo(await services.tracing.traceInfo(required(params, "trace_id"))) },
  }),
});

export const getOldTraceInfo = mlflowOperation({
  method: "GET",
  path: "/mlflow/traces/{request_id}/info",
  name: "mlflowGetOldTraceInfo",
  summary: "The record of a trace, as clients of MLflow 2 know it",
  handle: async ({ services, params }) => ({
    trace_info: presentOldInfo(await services.tracing.traceInfo(required(params, "request_id"))),
  }),
});

export const getTrace = mlflowOperation({
  method: "GET",
  path: "/mlflow/traces/get",
  versions: ["3.0"],
  name: "mlflowGetTrace",
  summary: "A trace with its spans",
  request: { trace_id: text().required(), allow_partial: bool().or(false) },
  handle: async ({ services, input }) => {
    const trace = await services.tracing.trace(input.trace_id, input.allow_partial);
    return jsonText(`{"trace":${await traceText(trace)}}`);
  },
});

export const batchGetTraces = mlflowOperation({
  method: "GET",
  path: "/mlflow/traces/batchGet",
  versions: ["3.0"],
  name: "mlflowBatchGetTraces",
  summary: "Several traces with their spans",
  request: { trace_ids: requiredList(text().required()), experiment_ids: list(text().required()) },
  handle: async ({ services, input, request }) => {
    const experiments = new URL(request.url).searchParams.has("experiment_ids") ? input.experiment_ids : null;
    const traces = await services.tracing.wholeTraces(input.trace_ids, experiments);
    if (traces.length === 0) return undefined;
    const texts: string[] = [];
    for (const trace of traces) texts.push(await traceText(trace));
    return jsonText(`{"traces":[${texts.join(",")}]}`);
  },
});

export const batchGetTraceInfos = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces/batchGetInfos",
  versions: ["3.0"],
  name: "mlflowBatchGetTraceInfos",
  summary: "The records of several traces",
  request: { trace_ids: requiredList(text().required()), experiment_ids: list(text().required()) },
  handle: async ({ services, input }) => {
    const experiments = input.experiment_ids.length === 0 ? null : input.experiment_ids;
    const infos = await services.tracing.traceInfos(input.trace_ids, experiments);
    return infos.length === 0 ? undefined : { trace_infos: infos.map(presentInfo) };
  },
});

/**
 * For pages: the spans in the form of the file `traces.json`, also while some are still to come; that file itself
 * where a client has stored the spans as one; with `path` what the trace has attached.
 */
export const getTraceArtifact = mlflowOperation({
  method: "GET",
  path: "/mlflow/get-trace-artifact",
  versions: ["2.0", "3.0"],
  name: "mlflowGetTraceArtifact",
  summary: "The spans of a trace as a file, or a file of the trace",
  request: { request_id: text(), path: text().or("") },
  handle: async ({ services, input, ...call }) => {
    if (input.request_id === undefined || input.request_id === "") {
      throw new HearthError("invalid_request", 'Request must include the "request_id" query parameter.', {
        details: { mlflow_code: "BAD_REQUEST" },
      });
    }
    const info = await services.tracing.traceInfo(input.request_id);
    const folder = info.tags[tagNames.artifactLocation] ?? "";
    if (input.path !== "") {
      const file = await services.artifacts.open(inTree(`${folder}/attachments`, input.path));
      return await sendFile(file, contentTypeOf(file.name), call);
    }
    if (info.tags[tagNames.spansLocation] !== inTrackingStore) {
      return await sendFile(await services.artifacts.open(inTree(folder, "traces.json")), binary, call);
    }
    const { spans } = await services.tracing.trace(info.id, true);
    return new Response(`{"spans":${await spanList(spans, artifactSpan)}}`, {
      headers: {
        "content-type": binary,
        "content-disposition": 'attachment; filename="traces.json"',
        "x-content-type-options": "nosniff",
      },
    });
  },
});

const binary = "application/octet-stream";

async function traceText({ info, spans }: TraceWithSpans): Promise<string> {
  return `{"trace_info":${JSON.stringify(presentInfo(info))},"spans":${await spanList(spans, protobufSpan)}}`;
}

function jsonText(text: string): Response {
  return new Response(text, { headers: { "content-type": "application/json" } });
}
