import { differing, get, post, type Step } from "./step.ts";

const steps: readonly Step[] = [
  // The hub says more than OK: its answer is JSON.
  get("liveness", "/health", { only: [] }),
  get("what the server is", "/api/3.0/mlflow/server-info", { only: ["store_type", "workspaces_enabled"] }),
  get("a path that is not there", "nothing/here"),
  post("a path that is not there by POST", "nothing/here", {}),
  get("another method", "experiments/create"),
  get("another version of the interface", "/api/9.0/mlflow/experiments/get?experiment_id=0"),
  post(
    "a request from another site",
    "experiments/create",
    { name: "foreign" },
    { headers: { origin: "https://hostile.example" } },
  ),
  get("a request to another host", "experiments/get?experiment_id=0", {
    headers: { host: "hostile.example" },
  }),
];

/** MLflow's server has a page of HTML there, which its client reads as this code. */
const notFound = {
  reason: "the answer is JSON with the code that the client makes of a page of HTML",
  status: 404,
  error_code: "ENDPOINT_NOT_FOUND",
};

const refused = {
  reason: "an answer in JSON, where MLflow has plain text",
  status: 403,
  error_code: "PERMISSION_DENIED",
};

/** What is no part of one domain: liveness, unknown paths, other methods. */
export const server = differing(steps, {
  "a path that is not there": notFound,
  "a path that is not there by POST": notFound,
  "another version of the interface": notFound,
  "another method": { ...notFound, status: 405 },
  "a request from another site": refused,
  "a request to another host": refused,
});
