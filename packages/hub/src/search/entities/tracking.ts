import type { Entity } from "../entity.ts";
import { identifier, integer, keyedOrMissing, metric, text } from "../fields.ts";

export const runs: Entity = {
  noun: "runs",
  kinds: {
    attribute: {
      prefixes: ["attribute", "attributes", "attr", "run"],
      named: {
        run_id: text,
        run_name: text,
        user_id: text,
        status: text,
        artifact_uri: text,
        start_time: integer,
        end_time: integer,
      },
      synonyms: {
        created: "start_time",
        Created: "start_time",
        "run name": "run_name",
        "Run name": "run_name",
        "Run Name": "run_name",
      },
    },
    metric: { prefixes: ["metric", "metrics"], any: metric },
    param: { prefixes: ["param", "parameter", "params", "parameters"], any: keyedOrMissing },
    tag: { prefixes: ["tag", "tags"], any: keyedOrMissing },
    dataset: {
      prefixes: ["dataset", "datasets"],
      named: {
        name: { ...text, sortable: false },
        digest: { ...text, sortable: false },
        context: { ...text, sortable: false },
      },
    },
  },
};

export const experiments: Entity = {
  noun: "experiments",
  kinds: {
    attribute: {
      prefixes: ["attribute", "attributes", "attr"],
      named: {
        name: text,
        experiment_id: identifier,
        creation_time: integer,
        last_update_time: integer,
      },
    },
    tag: { prefixes: ["tag", "tags"], any: { ...keyedOrMissing, sortable: false } },
  },
};

/** Data sets that evaluations are made with. */
export const evaluationDatasets: Entity = {
  noun: "evaluation datasets",
  kinds: {
    attribute: {
      prefixes: ["attribute", "attributes"],
      named: {
        name: text,
        created_by: { ...text, sortable: false },
        last_updated_by: { ...text, sortable: false },
        created_time: integer,
        last_update_time: integer,
      },
    },
    tag: { prefixes: ["tag", "tags"], any: { ...keyedOrMissing, sortable: false } },
  },
};
