import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";

/**
 * Puts models without versions into the SQLite file of a hub: `model-0000` (the newest) …, and of the last hundred
 * adapters of the first, `adapter-1000` ….
 */
export function fillModels(home: string, count: number): void {
  const db = new BetterSqlite3(join(home, "hearth.db"), { timeout: 10_000 });
  try {
    const insert = db.prepare(
      `insert into models (id, name, task_type, description, base_model, created_at, updated_at)
       values (?, ?, 'chat', '', ?, ?, ?)`,
    );
    db.transaction(() => {
      for (let index = 0; index < count; index++) {
        const adapter = index >= count - 100;
        const number = String(index).padStart(4, "0");
        const time = Date.UTC(2026, 0, 1) - index * 1000;
        insert.run(
          `id-${number}`,
          `${adapter ? "adapter" : "model"}-${number}`,
          adapter ? "model-0000" : null,
          time,
          time,
        );
      }
    })();
  } finally {
    db.close();
  }
}
