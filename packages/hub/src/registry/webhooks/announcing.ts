import type { ModelVersion } from "@hearth/wire/hub/models";
import type { Pair } from "../names.ts";
import type { RegisteredModels } from "../registered-models.ts";
import type { Registry } from "../registry.ts";
import { isPrompt } from "../sources.ts";
import type { Announcement } from "./events.ts";

type Announce = (announcement: Announcement) => void;

/** Tags that say only that something is a prompt, and what its text is. */
const promptTags = new Set(["mlflow.prompt.is_prompt", "_mlflow_prompt_type"]);
const promptText = "mlflow.prompt.text";

/** The registry, telling what has happened as soon as it is on disk. */
export function announcingRegistry(registry: Registry, announce: Announce): Registry {
  const created = ({ model, version, id, lineage }: ModelVersion) => {
    const source = `mlflow-artifacts:/hub-versions/${id}`;
    const payload = { name: model, version: String(version), source, run_id: lineage.run_id, tags: {} };
    announce({ entity: "MODEL_VERSION", action: "CREATED", payload: { ...payload, description: null } });
  };
  return {
    ...registry,
    createModel: async (request, signal) => {
      const model = await registry.createModel(request, signal);
      const payload = { name: model.name, tags: model.tags, description: model.description };
      announce({ entity: "REGISTERED_MODEL", action: "CREATED", payload });
      if (model.latest_version !== null)
        created(await registry.getVersion(`${model.id}:${model.latest_version}`));
      return model;
    },
    importVersion: async (...args) => {
      const version = await registry.importVersion(...args);
      created(version);
      return version;
    },
    markReady: async (...args) => {
      const version = await registry.markReady(...args);
      created(version);
      return version;
    },
    setAlias: async (id, alias, version, details) => {
      const model = await registry.setAlias(id, alias, version, details);
      const payload = { name: model.name, alias, version: String(version) };
      announce({ entity: "MODEL_VERSION_ALIAS", action: "CREATED", payload });
      return model;
    },
    removeAlias: async (id, alias) => {
      const model = await registry.removeAlias(id, alias);
      announce({ entity: "MODEL_VERSION_ALIAS", action: "DELETED", payload: { name: model.name, alias } });
      return model;
    },
  };
}

/** The same for what MLflow's clients do; `models` must be made from a registry that does not tell. */
export function announcingModels(models: RegisteredModels, announce: Announce): RegisteredModels {
  const { versions } = models;
  const ofPrompt = async (name: string) => isPrompt((await models.get(name)).tags);
  return {
    ...models,
    create: async (request) => {
      const model = await models.create(request);
      const prompt = isPrompt(request.tags);
      const payload = {
        name: model.name,
        tags: recordOf(prompt ? withoutMarks(model.tags) : model.tags),
        description: model.description,
      };
      announce({ entity: prompt ? "PROMPT" : "REGISTERED_MODEL", action: "CREATED", payload });
      return model;
    },
    setTag: async (name, tag) => {
      await models.setTag(name, tag);
      if (await ofPrompt(name)) announce({ entity: "PROMPT_TAG", action: "SET", payload: { name, ...tag } });
    },
    deleteTag: async (name, key) => {
      await models.deleteTag(name, key);
      if (await ofPrompt(name)) announce({ entity: "PROMPT_TAG", action: "DELETED", payload: { name, key } });
    },
    setAlias: async (name, alias, version) => {
      await models.setAlias(name, alias, version);
      const entity = (await ofPrompt(name)) ? "PROMPT_ALIAS" : "MODEL_VERSION_ALIAS";
      announce({ entity, action: "CREATED", payload: { name, alias, version } });
    },
    deleteAlias: async (name, alias) => {
      await models.deleteAlias(name, alias);
      const entity = (await ofPrompt(name)) ? "PROMPT_ALIAS" : "MODEL_VERSION_ALIAS";
      announce({ entity, action: "DELETED", payload: { name, alias } });
    },
    versions: {
      ...versions,
      create: async (request) => {
        const made = await versions.create(request);
        const { name, tags, runId } = made;
        const description = made.description === "" ? null : made.description;
        const common = { name, version: String(made.version) };
        if (isPrompt(request.tags)) {
          const template = tags.find(({ key }) => key === promptText)?.value ?? null;
          const others = withoutMarks(tags).filter(({ key }) => key !== promptText);
          const payload = { ...common, template, tags: recordOf(others), description };
          announce({ entity: "PROMPT_VERSION", action: "CREATED", payload });
        } else {
          const run = runId === "" ? null : runId;
          const payload = { ...common, source: made.source, run_id: run, tags: recordOf(tags), description };
          announce({ entity: "MODEL_VERSION", action: "CREATED", payload });
        }
        return made;
      },
      setTag: async (name, version, tag) => {
        await versions.setTag(name, version, tag);
        const entity = (await ofPrompt(name)) ? "PROMPT_VERSION_TAG" : "MODEL_VERSION_TAG";
        announce({ entity, action: "SET", payload: { name, version, ...tag } });
      },
      deleteTag: async (name, version, key) => {
        await versions.deleteTag(name, version, key);
        const entity = (await ofPrompt(name)) ? "PROMPT_VERSION_TAG" : "MODEL_VERSION_TAG";
        announce({ entity, action: "DELETED", payload: { name, version, key } });
      },
    },
  };
}

function withoutMarks(tags: readonly Pair[]): Pair[] {
  return tags.filter(({ key }) => !promptTags.has(key));
}

function recordOf(tags: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
