import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import type { OpenAIModel } from "@hearth/wire/openai/models";
import type { Models, OtherModels } from "../services.ts";

const pageSize = 200;

/** Every name that can be asked: the hub's own, then those of other servers. */
export async function everyName(services: {
  models: Models;
  otherModels: OtherModels;
}): Promise<OpenAIModel[]> {
  const [own, others] = await Promise.all([modelNames(services.models), services.otherModels.list()]);
  return [...own, ...others.map(otherEntry)];
}

/** Every name of the hub's own that can be asked: models with a ready version, their ready versions, their aliases. */
async function modelNames(models: Models): Promise<OpenAIModel[]> {
  const names: OpenAIModel[] = [];
  for await (const model of everything((page) => models.list(page))) {
    const ready = new Map<number, ModelVersion>();
    for await (const version of everything((page) => models.versions(model.id, page))) {
      if (version.status === "ready" && version.artifact_path !== null) ready.set(version.version, version);
    }
    if (ready.size === 0) continue;
    names.push(entry(model.name, model.created_at));
    for (const version of ready.values())
      names.push(entry(`${model.name}:${version.version}`, version.created_at));
    names.push(...aliases(model, ready));
  }
  return names;
}

function* aliases(model: Model, ready: ReadonlyMap<number, ModelVersion>): Generator<OpenAIModel> {
  for (const [alias, number] of Object.entries(model.aliases)) {
    const version = ready.get(number);
    if (version !== undefined) yield entry(`${model.name}@${alias}`, version.created_at);
  }
}

/** One name as OpenAI lists it; `created` counts seconds. */
export function entry(id: string, createdAt: string): OpenAIModel {
  return { id, object: "model", created: Math.floor(Date.parse(createdAt) / 1000), owned_by: "hearth" };
}

/** A model of another server; when it was made is not known. */
export function otherEntry(reference: string): OpenAIModel {
  return { id: reference, object: "model", created: 0, owned_by: reference.slice(0, reference.indexOf("/")) };
}

interface Part<T> {
  items: T[];
  total: number;
}

async function* everything<T>(
  load: (page: { page: number; page_size: number }) => Promise<Part<T>>,
): AsyncGenerator<T> {
  for (let page = 1, seen = 0; ; page++) {
    const part = await load({ page, page_size: pageSize });
    yield* part.items;
    seen += part.items.length;
    if (part.items.length === 0 || seen >= part.total) return;
  }
}
