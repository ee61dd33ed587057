import { artifactListing, listArtifactsQuery, type Artifact } from "@hearth/wire/hub/artifacts";
import { inTree } from "../../../artifacts/location.ts";
import type { TreeEntry } from "../../../artifacts/tree/tree.ts";
import { contentTypeOf } from "../../files/content-type.ts";
import { sendFile } from "../../files/send-file.ts";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const listRunArtifacts = operation({
  method: "GET",
  path: "/runs/{id}/artifacts",
  name: "listRunArtifacts",
  summary: "What is at a path of a run's artifacts, and a part of a folder's files",
  tag: "tracking",
  query: listArtifactsQuery,
  responses: { 200: { description: "Folders first, then by name", schema: artifactListing } },
  handle: async ({ services, params, query: { path, offset, limit } }) => {
    const { artifactUri } = await services.runs.readRun(required(params, "id"));
    const place = inTree(artifactUri, path);
    const found = await services.artifacts.find(place);
    const entries = found?.isFolder === true ? await services.artifacts.list(place) : [];
    // The list comes by name, and sorting keeps what is equal in its order.
    const ordered = entries.toSorted((a, b) => Number(b.isFolder) - Number(a.isFolder));
    return {
      path,
      found: found === null ? null : present(found),
      items: ordered.slice(offset, offset + limit).map(present),
      total: ordered.length,
    };
  },
});

export const getRunArtifact = operation({
  method: "GET",
  path: "/runs/{id}/artifacts/{path...}",
  name: "getRunArtifact",
  summary: "A file of a run, or a range of it; always as an attachment that runs nothing",
  tag: "tracking",
  responses: {
    200: { description: "The file", contentType: "application/octet-stream" },
    206: { description: "The range that was asked for" },
  },
  handle: async ({ services, query: _query, body: _body, ...call }) => {
    const { artifactUri } = await services.runs.readRun(required(call.params, "id"));
    const file = await services.artifacts.open(inTree(artifactUri, call.params["path"]));
    return await sendFile(file, contentTypeOf(file.name), call);
  },
});

function present({ name, isFolder, size, modifiedAt }: TreeEntry): Artifact {
  return {
    name,
    kind: isFolder ? "folder" : "file",
    size,
    modified_at: new Date(modifiedAt).toISOString(),
  };
}
