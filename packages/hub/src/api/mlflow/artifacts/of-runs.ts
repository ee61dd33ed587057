import { Readable } from "node:stream";
import { inTree } from "../../../artifacts/location.ts";
import { HearthError } from "../../../errors.ts";
import { missingValue, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { contentTypeOf } from "../../files/content-type.ts";
import { presentFile } from "./present.ts";
import { sendFile } from "../../files/send-file.ts";

export const listArtifacts = mlflowOperation({
  method: "GET",
  path: "/mlflow/artifacts/list",
  name: "mlflowListArtifacts",
  summary: "What is in a folder of a run's artifacts",
  request: { run_id: text(), run_uuid: text(), path: text(), page_token: text() },
  handle: async ({ services, input }) => {
    const runId = input.run_id ?? input.run_uuid;
    if (runId === undefined) throw missingValue("run_id");
    const { artifactUri } = await services.runs.readRun(runId);
    const entries = await services.artifacts.list(inTree(artifactUri, input.path));
    const files = entries.map((entry) => presentFile(entry, input.path ?? ""));
    return { root_uri: artifactUri, ...(files.length === 0 ? {} : { files }) };
  },
});

export const getArtifact = mlflowOperation({
  method: "GET",
  path: "/get-artifact",
  mounts: ["/get-artifact", "/ajax-api/2.0/mlflow/get-artifact"],
  name: "mlflowGetArtifact",
  summary: "A file of a run",
  request: { run_id: text(), run_uuid: text(), path: text().required() },
  handle: async ({ services, input, ...call }) => {
    const runId = input.run_id ?? input.run_uuid;
    if (runId === undefined) throw missingValue("run_uuid");
    const { artifactUri } = await services.runs.readRun(runId);
    const file = await services.artifacts.open(inTree(artifactUri, input.path));
    return await sendFile(file, contentTypeOf(file.name), call);
  },
});

/** What a page uploads; clients PUT into the tree. */
const uploadLimit = 10 * 2 ** 20;

export const uploadRunArtifact = mlflowOperation({
  method: "POST",
  path: "/mlflow/upload-artifact",
  rawBody: true,
  name: "mlflowUploadRunArtifact",
  summary: "Stores a body of at most 10 MiB as a file of a run",
  request: { run_uuid: text(), path: text() },
  handle: async ({ services, input, request, signal }) => {
    const { run_uuid: runId = "", path = "" } = input;
    if (runId === "") throw new HearthError("invalid_request", "Request must specify run_uuid.");
    if (path === "") throw new HearthError("invalid_request", "Request must specify path.");
    if (Number(request.headers.get("content-length") ?? 0) > uploadLimit) throw tooLarge();
    const { artifactUri } = await services.runs.readRun(runId);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > uploadLimit) throw tooLarge();
      chunks.push(chunk);
    }
    if (size === 0) throw new HearthError("invalid_request", "Request must specify data.");
    await services.artifacts.write(inTree(artifactUri, path), Readable.from(chunks), signal);
    return undefined;
  },
});

function tooLarge(): HearthError {
  return new HearthError("invalid_request", "Artifact size is too large. Max size is 10MB.", {
    details: { limit: uploadLimit },
  });
}
