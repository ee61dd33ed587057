import { get, post, send, type Step } from "./step.ts";

const ajax = "/ajax-api/2.0/mlflow/";

/** What MLflow's own pages ask for: many histories at once, files by address, datasets of experiments. */
export const pages: readonly Step[] = [
  post(
    "an experiment for pages",
    "experiments/create",
    { name: "for pages" },
    { keep: { paged: "experiment_id" } },
  ),
  post(
    "a first run",
    "runs/create",
    { experiment_id: "<paged>", run_name: "x", start_time: 1 },
    { keep: { x: "run.info.run_id" } },
  ),
  post(
    "a second run",
    "runs/create",
    { experiment_id: "<paged>", run_name: "y", start_time: 1 },
    { keep: { y: "run.info.run_id" } },
  ),
  post("its metrics", "runs/log-batch", {
    run_id: "<x>",
    metrics: Array.from({ length: 50 }, (_, i) => ({ key: "m", value: i, timestamp: i, step: i })),
  }),
  post("the other's metrics", "runs/log-batch", {
    run_id: "<y>",
    metrics: Array.from({ length: 10 }, (_, i) => ({ key: "m", value: -i, timestamp: i, step: 5 * i })),
  }),
  // MLflow orders them by the runs' random ids.
  get("histories at once", `${ajax}metrics/get-history-bulk?run_id=<x>&run_id=<y>&metric_key=m`, {
    loose: ["metrics"],
  }),
  get("some of the histories", `${ajax}metrics/get-history-bulk?run_id=<x>&metric_key=m&max_results=3`),
  get("histories without a key", `${ajax}metrics/get-history-bulk?run_id=<x>`),
  get("histories without a run", `${ajax}metrics/get-history-bulk?metric_key=m`),
  get(
    "histories of too many runs",
    `${ajax}metrics/get-history-bulk?metric_key=m&${"run_id=a&".repeat(101)}`,
  ),
  get("an interval", "metrics/get-history-bulk-interval?run_ids=<y>&metric_key=m&max_results=320"),
  get(
    "part of an interval",
    "metrics/get-history-bulk-interval?run_ids=<y>&metric_key=m&start_step=10&end_step=30&max_results=100",
  ),
  get(
    "an interval upside down",
    "metrics/get-history-bulk-interval?run_ids=<y>&metric_key=m&start_step=9&end_step=3&max_results=10",
  ),
  get(
    "an interval with one end",
    "metrics/get-history-bulk-interval?run_ids=<y>&metric_key=m&start_step=9&max_results=10",
  ),
  get(
    "an interval of too many",
    "metrics/get-history-bulk-interval?run_ids=<y>&metric_key=m&max_results=2501",
  ),
  get("an interval of no run", "metrics/get-history-bulk-interval?metric_key=m&max_results=10"),
  post("inputs to look for", "runs/log-inputs", {
    run_id: "<x>",
    datasets: [
      {
        tags: [{ key: "mlflow.data.context", value: "train" }],
        dataset: { name: "d", digest: "abc", source_type: "local", source: "{}" },
      },
    ],
  }),
  post("datasets of experiments", `${ajax}experiments/search-datasets`, { experiment_ids: ["<paged>"] }),
  post("datasets of no experiment", `${ajax}experiments/search-datasets`, { experiment_ids: [] }),
  post("a file through the page", `${ajax}upload-artifact?run_uuid=<x>&path=dir/file.txt`, "content", {
    headers: { "content-type": "text/plain" },
  }),
  post("a file through the page without a run", `${ajax}upload-artifact?path=dir/file.txt`, "content"),
  post(
    "a file through the page that climbs",
    `${ajax}upload-artifact?run_uuid=<x>&path=../../up.txt`,
    "content",
  ),
  get("a file by address", "/get-artifact?run_uuid=<x>&path=dir/file.txt"),
  get("a file by address under its old name", "/get-artifact?run_id=<x>&path=dir/file.txt"),
  get("a file by address that climbs", "/get-artifact?run_uuid=<x>&path=../../../../etc/passwd"),
  get(
    "a file by address with an encoded climb",
    "/get-artifact?run_uuid=<x>&path=%252e%252e/%252e%252e/etc/passwd",
  ),
  get("a file by address that is not there", "/get-artifact?run_uuid=<x>&path=none.txt"),
  get("a file by address of an unknown run", `/get-artifact?run_uuid=${"f".repeat(32)}&path=none.txt`),
  post("a model for files", "registered-models/create", { name: "paged" }),
  post("its version", "model-versions/create", {
    name: "paged",
    source: "mlflow-artifacts:/<paged>/<x>/artifacts/dir",
    run_id: "<x>",
  }),
  get("a version's file", "/model-versions/get-artifact?name=paged&version=1&path=file.txt"),
  get(
    "a version's file that climbs",
    "/model-versions/get-artifact?name=paged&version=1&path=../../file.txt",
  ),
  get("a file of an unknown version", "/model-versions/get-artifact?name=paged&version=7&path=file.txt"),
  post("a scorer", "/api/3.0/mlflow/scorers/register", {
    experiment_id: "<paged>",
    name: "tone",
    serialized_scorer: '{"name":"tone"}',
  }),
  get("scorers", "/api/3.0/mlflow/scorers/list?experiment_id=<paged>", { loose: ["serialized_scorer"] }),
  get("a scorer by name", "/api/3.0/mlflow/scorers/get?experiment_id=<paged>&name=tone"),
  get("a scorer's versions", "/api/3.0/mlflow/scorers/versions?experiment_id=<paged>&name=tone", {
    loose: ["serialized_scorer"],
  }),
  get("an unknown scorer", "/api/3.0/mlflow/scorers/get?experiment_id=<paged>&name=nobody"),
  send("DELETE", "a scorer deleted", "/api/3.0/mlflow/scorers/delete", {
    experiment_id: "<paged>",
    name: "tone",
    version: 1,
  }),
  get("scorers after that", "/api/3.0/mlflow/scorers/list?experiment_id=<paged>"),
];
