import { get, post, type Step } from "./step.ts";

/** What is no part of one domain: liveness, unknown paths, other methods. */
export const server: readonly Step[] = [
  get("liveness", "/health"),
  get("what the server is", "/api/3.0/mlflow/server-info"),
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
