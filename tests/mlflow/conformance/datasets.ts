import { differing, get, noFault, post, send, wrong, type Step } from "./step.ts";

const v3 = "/api/3.0/mlflow/datasets";
/** The digest is each server's own, and so is the text of JSON within JSON. */
const own = { loose: ["digest", "schema", "profile", "tags"] } as const;
const unknown = `d-${"0".repeat(32)}`;

const steps: readonly Step[] = [
  post(
    "an experiment for datasets",
    "experiments/create",
    { name: "for datasets" },
    { keep: { lab: "experiment_id" } },
  ),
  post(
    "a dataset",
    `${v3}/create`,
    { name: "questions", experiment_ids: ["<lab>"], tags: '{"stage":"draft"}' },
    { ...own, keep: { dataset: "dataset.dataset_id" } },
  ),
  get("the dataset", `${v3}/<dataset>`, own),
  get("an unknown dataset", `${v3}/${unknown}`),
  ...wrong(
    "creating a dataset",
    `${v3}/create`,
    {
      "no name": {},
      "an empty name": { name: "" },
      "an unknown experiment": { name: "lost", experiment_ids: ["987654"] },
      "tags that are no JSON": { name: "tags", tags: "{" },
    },
    own,
  ),
  post("records", `${v3}/<dataset>/records`, {
    dataset_id: "<dataset>",
    records: '[{"inputs":{"q":1},"expectations":{"a":2}},{"inputs":{"q":2}}]',
  }),
  post("a record again", `${v3}/<dataset>/records`, {
    dataset_id: "<dataset>",
    records: '[{"inputs":{"q":2},"expectations":{"a":4}}]',
  }),
  get("the records", `${v3}/<dataset>/records`, { loose: ["records"] }),
  ...wrong("adding records", `${v3}/<dataset>/records`, {
    "no records": { dataset_id: "<dataset>" },
    "records that are no JSON": { dataset_id: "<dataset>", records: "[" },
    "records that are no list": { dataset_id: "<dataset>", records: "{}" },
    "a record without inputs": { dataset_id: "<dataset>", records: '[{"expectations":{"a":1}}]' },
  }),
  post("records of an unknown dataset", `${v3}/${unknown}/records`, {
    dataset_id: unknown,
    records: '[{"inputs":{"q":1}}]',
  }),
  send("PATCH", "tags of a dataset", `${v3}/<dataset>/tags`, {
    dataset_id: "<dataset>",
    tags: '{"stage":"final"}',
  }),
  send("PATCH", "tags of a dataset that are no JSON", `${v3}/<dataset>/tags`, {
    dataset_id: "<dataset>",
    tags: "{",
  }),
  send("DELETE", "a tag of a dataset taken away", `${v3}/<dataset>/tags/stage`, undefined),
  send("DELETE", "a tag of a dataset taken away again", `${v3}/<dataset>/tags/stage`, undefined),
  post("datasets searched", `${v3}/search`, { experiment_ids: ["<lab>"] }, own),
  post("datasets searched by name", `${v3}/search`, { filter_string: "name LIKE 'quest%'" }, own),
  ...wrong("searching datasets", `${v3}/search`, {
    "a broken filter": { filter_string: "name ==" },
    "nothing known": { filter_string: "colour = 'x'" },
    "an unknown order": { order_by: ["colour"] },
  }),
  get("the experiments of a dataset", `${v3}/<dataset>/experiment-ids`),
  post(
    "another experiment",
    "experiments/create",
    { name: "also for datasets" },
    { keep: { lab2: "experiment_id" } },
  ),
  post(
    "a dataset in another experiment",
    `${v3}/<dataset>/add-experiments`,
    {
      dataset_id: "<dataset>",
      experiment_ids: ["<lab2>"],
    },
    own,
  ),
  post("a dataset in an unknown experiment", `${v3}/<dataset>/add-experiments`, {
    dataset_id: "<dataset>",
    experiment_ids: ["987654"],
  }),
  post(
    "a dataset out of an experiment",
    `${v3}/<dataset>/remove-experiments`,
    {
      dataset_id: "<dataset>",
      experiment_ids: ["<lab2>"],
    },
    own,
  ),
  send("DELETE", "a dataset deleted", `${v3}/<dataset>`, undefined),
  get("the deleted dataset", `${v3}/<dataset>`),
  send("DELETE", "a dataset deleted again", `${v3}/<dataset>`, undefined),
];

/** Evaluation datasets with their records. */
export const datasets = differing(steps, {
  "creating a dataset: tags that are no JSON": noFault,
  "adding records: records that are no JSON": noFault,
  "tags of a dataset that are no JSON": noFault,
  "records of an unknown dataset": {
    reason: "what is not there is not found, as everywhere else",
    status: 404,
    error_code: "RESOURCE_DOES_NOT_EXIST",
  },
});
