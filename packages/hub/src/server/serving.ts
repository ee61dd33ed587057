import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import type { EngineState, ServedModelState } from "@hearth/wire/hub/serving";
import type { Models, Serving } from "../api/services.ts";
import { HearthError } from "../errors.ts";
import type { Pool } from "../inference/pool.ts";
import type { EngineStatus } from "../inference/pool-status.ts";
import type { Registry } from "../registry/registry.ts";

export interface ServingDependencies {
  registry: Pick<Registry, "resolve" | "baseOf" | "getModel" | "listModels">;
  models: Pick<Models, "update">;
  pool: Pick<Pool, "load" | "unload" | "engine" | "plan">;
  /** `name:version` by the checksums of weights. */
  names: (checksums: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

export interface ServingWithStart extends Serving {
  /** Loads what is pinned. */
  loadPinned(signal: AbortSignal): Promise<void>;
}

/** Loading, unloading and pinning by a model's name. */
export function createServing({ registry, models, pool, names }: ServingDependencies): ServingWithStart {
  const find = async (reference: string) => {
    const version = await registry.resolve(reference);
    const base = await registry.baseOf(version);
    return { version, base };
  };
  const present = async (version: ModelVersion, base: ModelVersion): Promise<ServedModelState> => {
    const engine = await pool.engine(base.sha256 ?? "");
    const owner = await registry.getModel(base.model_id);
    return {
      model: nameOf(version),
      base: nameOf(base),
      pinned: owner.serving.pinned,
      engine: engine === null ? null : engineState(engine, nameOf(base)),
    };
  };
  const setPinned = (base: ModelVersion, pinned: boolean): Promise<Model> =>
    models.update(base.model_id, { serving: { pinned } });

  return {
    async load(reference, keepAliveMs, signal) {
      const { version, base } = await find(reference);
      await pool.load(version.id, signal, { keepAliveMs });
      return await present(version, base);
    },
    async unload(reference, { force }) {
      const { version, base } = await find(reference);
      const engine = await pool.engine(base.sha256 ?? "");
      if (engine !== null && engine.active > 0 && !force) {
        throw new HearthError(
          "conflict",
          `${nameOf(base)} is answering ${engine.active} requests. Wait for them, or unload with force, which ends them.`,
          { details: { active: engine.active } },
        );
      }
      // Also what is not loaded: a model in quarantine may be tried again.
      await pool.unload(base.sha256 ?? "");
      return await present(version, base);
    },
    async pin(reference, signal) {
      const { version, base } = await find(reference);
      // First the load: what does not fit is not pinned.
      await pool.load(version.id, signal);
      await setPinned(base, true);
      return await present(version, base);
    },
    async unpin(reference) {
      const { version, base } = await find(reference);
      await setPinned(base, false);
      return await present(version, base);
    },
    async memory(idOrName, number) {
      const owner = await registry.getModel(idOrName);
      const { version, base } = await find(`${owner.name}:${number}`);
      const plan = await pool.plan(version.id);
      const known = await names(plan.evicted.map((one) => one.base));
      const { load, memory } = plan;
      return {
        model: nameOf(version),
        base: nameOf(base),
        loaded: plan.loaded,
        refusal: plan.refusal,
        slots: load.slots,
        context: load.contextSize ?? null,
        adapters: plan.adapterContexts,
        threads: load.threads,
        kv_cache_type: load.kvCacheType ?? "f16",
        weights_bytes: Math.round(memory.weightsBytes),
        kv_cache_bytes: Math.round(memory.kvCacheBytes),
        compute_bytes: Math.round(memory.computeBytes),
        total_bytes: Math.round(memory.totalBytes),
        adapter_bytes: Math.round(plan.adapterBytes),
        budget_bytes: Math.round(plan.budgetBytes),
        used_bytes: Math.round(plan.usedBytes),
        evicts: plan.evicted.map((one) => ({
          base: known.get(one.base) ?? one.base,
          reserved_bytes: Math.round(one.bytes),
        })),
      };
    },
    async loadPinned(signal) {
      const page_size = 200;
      for (let page = 1; ; page++) {
        const { items, total } = await registry.listModels({ page, page_size });
        for (const { name, serving } of items) {
          if (serving.pinned) await pool.load((await registry.resolve(name)).id, signal);
        }
        if (page * page_size >= total) return;
      }
    },
  };
}

/** An engine as the API shows it. */
export function engineState(engine: EngineStatus, base: string): EngineState {
  return {
    base,
    pid: engine.pid ?? 0,
    memory_bytes: engine.memoryBytes,
    reserved_bytes: engine.reservedBytes,
    active: engine.active,
    waiting: engine.waiting,
    adapters: engine.adapters,
    slots: engine.slots,
    context: engine.contextSize,
    threads: engine.threads,
    kv_cache_type: engine.kvCacheType,
    pinned: engine.pinned,
    loaded_at: engine.loadedAt?.toISOString() ?? null,
    unloads_at: engine.unloadsAt?.toISOString() ?? null,
  };
}

function nameOf({ model, version }: ModelVersion): string {
  return `${model}:${version}`;
}
