import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { ServingSettings } from "@hearth/wire/hub/serving";
import { keepAliveMs } from "../api/keep-alive.ts";
import { HearthError } from "../errors.ts";
import type { ModelFiles } from "../inference/engine.ts";
import { shapeOf } from "../inference/estimate.ts";
import type { Serving } from "../inference/serving.ts";
import type { ServedModel } from "../inference/verify-export.ts";
import type { Registry } from "../registry/registry.ts";

/** A ready version never changes its files, so that they are looked up once. */
const remembered = 256;

export interface ServedModels {
  /** Finds the files of a version for the engines: full weights, or an adapter with its base. */
  resolve(versionId: string): Promise<ServedModel>;
  /** How models are served has changed. */
  forget(): void;
}

/** Looks at sizes only; nothing is opened here. */
export function createServedModels(
  registry: Pick<Registry, "resolve" | "baseOf" | "getModel">,
): ServedModels {
  const known = new Map<string, ServedModel>();
  let changes = 0;
  return {
    async resolve(versionId) {
      const before = known.get(versionId);
      if (before !== undefined) return before;
      const asOf = changes;
      const version = await registry.resolve(versionId);
      const base = version.kind === "adapter" ? await registry.baseOf(version) : version;
      const { serving } = await registry.getModel(base.model_id);
      const served: ServedModel = {
        base: await weightsOf(base),
        adapter: version.kind === "adapter" ? fileOf(version) : null,
        serving: servingOf(serving),
      };
      const oldest = known.keys().next();
      if (known.size >= remembered && oldest.done !== true) known.delete(oldest.value);
      if (asOf === changes) known.set(versionId, served);
      return served;
    },
    forget() {
      changes += 1;
      known.clear();
    },
  };
}

function servingOf(settings: ServingSettings): Serving {
  return {
    slots: settings.slots,
    contextSize: settings.context,
    threads: settings.threads,
    kvCacheType: settings.kv_cache_type,
    keepAliveMs: keepAliveMs(settings.keep_alive) ?? null,
    pinned: settings.pinned,
  };
}
async function weightsOf(version: ModelVersion): Promise<ModelFiles> {
  const { path, sha256 } = fileOf(version);
  const format = version.summary?.["format"] === "mlx" ? "mlx" : "gguf";
  const bytes = await sizeOf(path);
  return { format, basePath: path, baseSha256: sha256, bytes, shape: shapeOf(version.summary) };
}

/** Bytes of a model file, or of the files in a model's folder. Throws `model_load_failed` when somebody took it away. */
export async function sizeOf(path: string): Promise<number> {
  try {
    const stats = await stat(path);
    if (!stats.isDirectory()) return stats.size;
    const inFolder = await Promise.all(
      (await readdir(path)).map(async (name) => (await stat(join(path, name))).size),
    );
    return inFolder.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    throw new HearthError(
      "model_load_failed",
      `The model file ${path} is missing or cannot be read; import or train the version again.`,
      { cause: error, details: { path } },
    );
  }
}

function fileOf(version: ModelVersion): { path: string; sha256: string } {
  if (version.artifact_path === null || version.sha256 === null) {
    throw new HearthError(
      "conflict",
      `${version.model}:${version.version} has no file that an engine could load.`,
      { details: { version_id: version.id } },
    );
  }
  return { path: version.artifact_path, sha256: version.sha256 };
}
