import { mlflowOperation } from "../operation.ts";

/** The release of MLflow whose API this is; clients of others ask before they use what is newer. */
const mlflowVersion = "3.17.2";

export const serverVersion = mlflowOperation({
  method: "GET",
  path: "/version",
  mounts: ["/version"],
  name: "mlflowVersion",
  summary: "The release of MLflow that this API follows, as text",
  handle: async () =>
    new Response(mlflowVersion, { headers: { "content-type": "text/plain; charset=utf-8" } }),
});

/** Never says anything that a caller without a key should not know. */
export const serverInfo = mlflowOperation({
  method: "GET",
  path: "/mlflow/server-info",
  versions: ["3.0"],
  name: "mlflowServerInfo",
  summary: "What MLflow's clients want to know before they begin",
  handle: async () => ({
    store_type: "SqlStore",
    workspaces_enabled: false,
    trace_archival_enabled: false,
    multipart_uploads_enabled: false,
    multipart_downloads_enabled: false,
  }),
});
