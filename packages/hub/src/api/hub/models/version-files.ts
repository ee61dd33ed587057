import { verifyVersionResponse, versionFiles } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required, requiredNumber } from "../../required.ts";

export const getVersionFiles = operation({
  method: "GET",
  path: "/models/{id}/versions/{version}/files",
  name: "getVersionFiles",
  summary: "The files of a version with their sizes and checksums",
  tag: "models",
  responses: { 200: { description: "The files", schema: versionFiles } },
  handle: ({ services, params }) =>
    services.models.files(required(params, "id"), requiredNumber(params, "version")),
});

export const verifyVersion = operation({
  method: "POST",
  path: "/models/{id}/versions/{version}/verify",
  name: "verifyVersion",
  summary: "Hash the files of a version again and compare",
  tag: "models",
  responses: {
    200: { description: "Whether every byte is as registered", schema: verifyVersionResponse },
    409: { description: "The hub keeps no file of it" },
  },
  handle: ({ services, params, signal }) =>
    services.models.verify(required(params, "id"), requiredNumber(params, "version"), signal),
});
