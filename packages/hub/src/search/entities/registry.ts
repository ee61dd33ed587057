import type { Entity, Kind } from "../entity.ts";
import { integer, keyed, metric, onlySorted, text } from "../fields.ts";

/** Prompts are registered models that carry this tag; without it one is an ordinary model. */
export const promptTag = "mlflow.prompt.is_prompt";

const tags: Kind = { prefixes: ["tag", "tags"], any: { ...keyed, sortable: false } };
const models: Pick<Entity, "absent" | "standing"> = {
  absent: { tag: { [promptTag]: "false" } },
  standing: [
    {
      kind: "tag",
      key: promptTag,
      type: "text",
      test: { comparator: "!=", value: "true" },
      absent: "false",
    },
  ],
};

export const registeredModels: Entity = {
  noun: "registered models",
  kinds: {
    attribute: {
      prefixes: ["attribute", "attributes"],
      named: {
        name: text,
        creation_timestamp: onlySorted("integer"),
        last_updated_timestamp: onlySorted("integer"),
      },
      synonyms: { timestamp: "last_updated_timestamp" },
    },
    tag: tags,
  },
  ...models,
};

export const modelVersions: Entity = {
  noun: "model versions",
  kinds: {
    attribute: {
      prefixes: ["attribute", "attributes"],
      named: {
        name: text,
        version_number: { ...integer, quotedNumbers: true },
        run_id: { ...text, sortable: false },
        source_path: { ...text, sortable: false },
        creation_timestamp: onlySorted("integer"),
        last_updated_timestamp: onlySorted("integer"),
      },
    },
    tag: tags,
  },
  ...models,
};

export const loggedModels: Entity = {
  noun: "logged models",
  kinds: {
    attribute: {
      prefixes: ["attributes", "attribute"],
      named: {
        name: text,
        model_id: text,
        model_type: text,
        status: text,
        source_run_id: text,
        experiment_id: text,
        creation_timestamp: integer,
        last_updated_timestamp: integer,
      },
      synonyms: {
        creation_time: "creation_timestamp",
        creation_timestamp_ms: "creation_timestamp",
        last_updated_time: "last_updated_timestamp",
        last_updated_timestamp_ms: "last_updated_timestamp",
      },
    },
    metric: { prefixes: ["metrics", "metric"], any: metric },
    param: { prefixes: ["params", "param"], any: { ...text, sortable: false } },
    tag: { prefixes: ["tags", "tag"], any: { ...text, sortable: false } },
  },
};
