import { readProcess } from "../process/readings.ts";
import type { LoadedBase } from "./loaded-base.ts";
import type { KvCacheType } from "./serving.ts";

export interface EngineStatus {
  /** Checksum of the base. */
  base: string;
  pid: number | null;
  /** Resident memory now; what was reserved for it where the system does not tell. */
  memoryBytes: number;
  reservedBytes: number;
  /** Requests under way, the waiting ones included. */
  active: number;
  waiting: number;
  adapters: number;
  /** Null while it is being loaded. */
  contextSize: number | null;
  slots: number;
  threads: number;
  kvCacheType: KvCacheType;
  pinned: boolean;
  loadedAt: Date | null;
  /** When it will be unloaded if nobody uses it; null while it is used, or when it stays. */
  unloadsAt: Date | null;
}

export interface PoolStatus {
  engines: EngineStatus[];
  quarantined: { base: string; reason: string }[];
  active: number;
  waiting: number;
  budgetBytes: number;
  /** Reserved by engines and held by others. */
  usedBytes: number;
  /** Since the start. */
  evictions: number;
  crashes: number;
}

export async function engineStatus(loaded: LoadedBase): Promise<EngineStatus> {
  const { engine, admission, model, load } = loaded;
  const reading = engine.pid === null ? null : await readProcess(engine.pid);
  return {
    base: loaded.key,
    pid: engine.pid,
    memoryBytes: reading?.residentBytes ?? loaded.bytes,
    reservedBytes: loaded.bytes,
    active: admission.total,
    waiting: admission.waiting,
    adapters: engine.adapters,
    contextSize: model?.contextSize ?? null,
    slots: model?.slots ?? load.slots,
    threads: load.threads,
    kvCacheType: load.kvCacheType ?? "f16",
    pinned: loaded.pinned,
    loadedAt: loaded.loadedAt,
    unloadsAt: loaded.unloadsAt,
  };
}
