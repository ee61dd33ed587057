import type { Pool } from "../inference/pool.ts";
import type { TrainingMemory } from "../training/dependencies.ts";

export interface SharedMemory extends TrainingMemory {
  /** What the running job was given; engines count it as taken. */
  reservedBytes(): number;
}

/**
 * The one memory budget that engines and training share. A job that needs room makes idle
 * engines give way, the longest loaded first; busy and pinned ones never.
 */
export function createTrainingMemory(options: {
  budgetBytes: number;
  pool: () => Pick<Pool, "status" | "unload">;
  jobRuns: () => boolean;
}): SharedMemory {
  let given = 0;
  const reservedBytes = () => (options.jobRuns() ? given : 0);
  return {
    reservedBytes,
    budgetBytes: () => options.budgetBytes,
    freeBytes: async () => Math.max(0, options.budgetBytes - (await options.pool().status()).usedBytes),
    async makeRoom(wantedBytes) {
      given = 0;
      const pool = options.pool();
      for (;;) {
        const status = await pool.status();
        const free = Math.max(0, options.budgetBytes - status.usedBytes);
        const idle = status.engines
          .filter((engine) => engine.active === 0 && engine.loadedAt !== null && !engine.pinned)
          .sort((a, b) => Number(a.loadedAt) - Number(b.loadedAt))[0];
        if (free >= wantedBytes || idle === undefined) {
          given = Math.min(wantedBytes, free);
          return free;
        }
        await pool.unload(idle.base, "job");
      }
    },
  };
}
