import { versionDiff, versionDiffRequest } from "@hearth/wire/hub/version-diff";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const diffVersions = operation({
  method: "POST",
  path: "/versions/{reference}/diff",
  name: "diffVersions",
  summary: "What changed from one version to another: data, recipe, code, figures, answers; stores nothing",
  tag: "models",
  body: versionDiffRequest,
  responses: {
    200: { description: "What differs", schema: versionDiff },
    409: { description: "One that is to be asked is not ready" },
  },
  handle: ({ services, params, body, signal }) =>
    services.comparison.diff(required(params, "reference"), body, signal),
});
