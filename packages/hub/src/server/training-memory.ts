import { createTurns } from "../artifacts/fs/turns.ts";
import type { Pool } from "../inference/pool.ts";
import type { TrainingMemory } from "../training/dependencies.ts";

export interface SharedMemory extends TrainingMemory {
  /** What running jobs were given; engines count it as taken. */
  reservedBytes(): number;
}

/**
 * The one memory budget that engines and training share. A job that needs room makes idle
 * engines give way, the longest loaded first; busy and pinned ones never.
 */
export function createTrainingMemory(options: {
  budgetBytes: number;
  pool: () => Pick<Pool, "status" | "unload">;
}): SharedMemory {
  const given = new Map<string, number>();
  /** One after the other: two jobs must not find the same bytes free. */
  const turns = createTurns();
  const reservedBytes = () => [...given.values()].reduce((sum, bytes) => sum + bytes, 0);
  const makeRoom = async (wantedBytes: number, jobId: string): Promise<number> => {
    given.delete(jobId);
    const pool = options.pool();
    for (;;) {
      const status = await pool.status();
      const free = Math.max(0, options.budgetBytes - status.usedBytes);
      const idle = status.engines
        .filter((engine) => engine.active === 0 && engine.loadedAt !== null && !engine.pinned)
        .sort((a, b) => Number(a.loadedAt) - Number(b.loadedAt))[0];
      if (free >= wantedBytes || idle === undefined) {
        // What is not enough is kept only when no other job waits for the rest of it.
        if (free >= wantedBytes || given.size === 0) given.set(jobId, Math.min(wantedBytes, free));
        return free;
      }
      await pool.unload(idle.base, "job");
    }
  };
  return {
    reservedBytes,
    budgetBytes: () => options.budgetBytes,
    freeBytes: async () => Math.max(0, options.budgetBytes - (await options.pool().status()).usedBytes),
    release: (jobId) => void given.delete(jobId),
    makeRoom: (wantedBytes, jobId) => turns.run(() => makeRoom(wantedBytes, jobId)),
  };
}
