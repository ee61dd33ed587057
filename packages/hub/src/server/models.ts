import type { Model } from "@hearth/wire/hub/models";
import type { Models } from "../api/services.ts";
import type { Registry } from "../registry/registry.ts";
import { filesOf, verifyFiles } from "../registry/kept-files.ts";
import type { Evaluations } from "../evaluation/evaluations.ts";

/** The registry as the API uses it; promotion goes through the gates. */
export function createModels({
  registry,
  evaluations,
  who,
  onServingChanged,
}: {
  registry: Registry;
  /** Told when how a model is served was set anew. */
  onServingChanged: (model: Model) => Promise<void>;
  evaluations: Pick<Evaluations, "promote" | "rollback">;
  /** Who asks, for the history of aliases. */
  who: () => string;
}): Models {
  const version = async (id: string, number: number) =>
    registry.getVersion(`${(await registry.getModel(id)).name}:${number}`);
  return {
    create: (request, signal) => registry.createModel(request, signal),
    get: (id) => registry.getModel(id),
    list: (query) => registry.listModels(query),
    async update(id, change) {
      const model = await registry.updateModel(id, change);
      if (change.serving !== undefined) await onServingChanged(model);
      return model;
    },
    remove: (id) => registry.deleteModel(id),
    history: (id, page) => registry.history(id, page),
    versions: (id, page) => registry.versions(id, page),
    version,
    files: async (id, number) => ({ items: await filesOf(await version(id, number)) }),
    verify: async (id, number, signal) => verifyFiles(await version(id, number), signal),
    importVersion: (id, path, signal) => registry.importVersion(id, path, signal),
    resolve: (reference) => registry.resolve(reference),
    promote: (id, request, signal) => evaluations.promote(id, request, signal),
    rollback: (id, alias) => evaluations.rollback(id, alias),
    setAlias: (id, alias, version) => registry.setAlias(id, alias, version, { by: who() }),
    removeAlias: (id, alias) => registry.removeAlias(id, alias),
  };
}
