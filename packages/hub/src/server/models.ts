import type { Models } from "../api/services.ts";
import type { Registry } from "../registry/registry.ts";
import type { Evaluations } from "../evaluation/evaluations.ts";

/** The registry as the API uses it; promotion goes through the gates. */
export function createModels({
  registry,
  evaluations,
}: {
  registry: Registry;
  evaluations: Pick<Evaluations, "promote">;
}): Models {
  return {
    create: (request, signal) => registry.createModel(request, signal),
    get: (id) => registry.getModel(id),
    list: (page) => registry.listModels(page),
    update: (id, change) => registry.updateModel(id, change),
    remove: (id) => registry.deleteModel(id),
    history: (id, page) => registry.history(id, page),
    versions: (id, page) => registry.versions(id, page),
    version: async (id, version) => registry.getVersion(`${(await registry.getModel(id)).name}:${version}`),
    importVersion: (id, path, signal) => registry.importVersion(id, path, signal),
    resolve: (reference) => registry.resolve(reference),
    promote: (id, request) => evaluations.promote(id, request),
    setAlias: (id, alias, version) => registry.setAlias(id, alias, version),
    removeAlias: (id, alias) => registry.removeAlias(id, alias),
  };
}
