import { differing, get, noFault, post, send, strict, wrong, type Step } from "./step.ts";

const unknown = `m-${"0".repeat(32)}`;

const steps: readonly Step[] = [
  post(
    "an experiment for logged models",
    "experiments/create",
    { name: "for logged models" },
    { keep: { home: "experiment_id" } },
  ),
  post(
    "a run with a logged model",
    "runs/create",
    { experiment_id: "<home>", run_name: "logs", start_time: 1 },
    { keep: { logs: "run.info.run_id" } },
  ),
  post(
    "a logged model",
    "logged-models",
    {
      experiment_id: "<home>",
      name: "net",
      model_type: "Agent",
      source_run_id: "<logs>",
      params: [{ key: "p", value: "1" }],
      tags: [{ key: "t", value: "1" }],
    },
    { keep: { model: "model.info.model_id" } },
  ),
  get("the logged model", "logged-models/<model>"),
  get("an unknown logged model", `logged-models/${unknown}`),
  get("a logged model whose id is no id", "logged-models/abc"),
  ...wrong("creating a logged model", "logged-models", {
    "no experiment": { name: "x" },
    "an unknown experiment": { experiment_id: "987654", name: "x" },
    "a name with a slash": { experiment_id: "<home>", name: "a/b" },
    "a name with a colon": { experiment_id: "<home>", name: "a:b" },
    "an empty name": { experiment_id: "<home>", name: "" },
    "tags of text": { experiment_id: "<home>", name: "x", tags: "t" },
  }),
  send("PATCH", "a logged model that is ready", "logged-models/<model>", {
    model_id: "<model>",
    status: "LOGGED_MODEL_READY",
  }),
  send("PATCH", "no status of a logged model", "logged-models/<model>", { model_id: "<model>" }),
  send("PATCH", "an unknown logged model that is ready", `logged-models/${unknown}`, {
    model_id: unknown,
    status: "LOGGED_MODEL_READY",
  }),
  send("PATCH", "tags of a logged model", "logged-models/<model>/tags", { tags: [{ key: "u", value: "2" }] }),
  send("DELETE", "a tag of a logged model taken away", "logged-models/<model>/tags/u", undefined),
  send("DELETE", "a tag of a logged model taken away again", "logged-models/<model>/tags/u", undefined),
  post("parameters of a logged model", "logged-models/<model>/params", {
    model_id: "<model>",
    params: [{ key: "q", value: "2" }],
  }),
  post("its outputs", "runs/outputs", { run_id: "<logs>", models: [{ model_id: "<model>", step: 3 }] }),
  post("a metric of a logged model", "runs/log-metric", {
    run_id: "<logs>",
    model_id: "<model>",
    key: "score",
    value: 0.5,
    timestamp: 7,
    step: 1,
  }),
  get("the run with outputs", "runs/get?run_id=<logs>"),
  get("the logged model with metrics", "logged-models/<model>"),
  get("the folder of a logged model", "logged-models/<model>/artifacts/directories"),
  post("logged models searched", "logged-models/search", { experiment_ids: ["<home>"] }),
  post("logged models by metric", "logged-models/search", {
    experiment_ids: ["<home>"],
    filter: "metrics.score > 0.1",
  }),
  post("logged models by parameter", "logged-models/search", {
    experiment_ids: ["<home>"],
    filter: "params.q = '2'",
  }),
  post("logged models in order", "logged-models/search", {
    experiment_ids: ["<home>"],
    order_by: [{ field_name: "metrics.score", ascending: false }],
  }),
  ...wrong("searching logged models", "logged-models/search", {
    "a broken filter": { experiment_ids: ["<home>"], filter: "x ==" },
    "an order by nothing known": { experiment_ids: ["<home>"], order_by: [{ field_name: "colour" }] },
    "max_results of -1": { experiment_ids: ["<home>"], max_results: -1 },
    "no experiments": {},
    "a metric of text": { experiment_ids: ["<home>"], filter: "metrics.score > 'x'" },
  }),
  // MLflow forgets the status at this, so it comes late.
  send("PATCH", "an unknown status of a logged model", "logged-models/<model>", {
    model_id: "<model>",
    status: "DONE",
  }),
  send("DELETE", "a logged model deleted", "logged-models/<model>", undefined),
  get("the deleted logged model", "logged-models/<model>"),
  send("DELETE", "an unknown logged model deleted", `logged-models/${unknown}`, undefined),
];

/** LoggedModels: what `log_model` makes. */
export const loggedModels = differing(steps, {
  "an unknown status of a logged model": strict,
  "searching logged models: max_results of -1": strict,
  "searching logged models: a metric of text": noFault,
});
