import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";

/** When the first run of a filled table started, ms since the epoch; the others a second after each other. */
export const firstStart = Date.UTC(2026, 0, 1);

/**
 * Puts runs `run-0` … into the SQLite file of a hub by a few statements: 100,000 take some seconds. Of run i the
 * loss is i % 100 / 100, the accuracy i / count, lr one of ten values, the model one of three.
 */
export function fillTable(home: string, experimentId: string, count: number): void {
  const db = new BetterSqlite3(join(home, "hearth.db"), { timeout: 10_000 });
  try {
    db.pragma("cache_size = -200000");
    const numbers = `with recursive numbers(i) as (select 0 union all select i + 1 from numbers where i < @last)`;
    const id = `printf('%032x', @base + i)`;
    const bind = {
      last: count - 1,
      base: Number(experimentId) * 10_000_000,
      experiment: experimentId,
      start: firstStart,
    };
    const insert = (into: string, columns: string) => {
      const text = `insert into ${into} ${numbers} select ${columns} from numbers`;
      const named = Object.fromEntries(Object.entries(bind).filter(([name]) => text.includes(`@${name}`)));
      db.prepare(text).run(named);
    };
    db.transaction(() => {
      insert(
        "runs (id, experiment_id, name, kind, user_id, status, lifecycle_stage, started_at, ended_at)",
        `${id}, @experiment, 'run-' || i, 'tracked', 'ada', case i % 50 when 7 then 'FAILED' else 'FINISHED' end,
         'active', @start + i * 1000, @start + i * 1000 + 60000`,
      );
      insert("run_params (run_id, key, value)", `${id}, 'lr', '0.' || (i % 10 + 1)`);
      insert("run_params (run_id, key, value)", `${id}, 'model', 'model-' || (i % 3)`);
      insert(
        "run_tags (run_id, key, value)",
        `${id}, 'team', case i % 2 when 0 then 'vision' else 'text' end`,
      );
      const metric = "metric_series (run_id, key, value, is_nan, timestamp, step)";
      insert(metric, `${id}, 'loss', (i % 100) / 100.0, 0, @start + i * 1000, 10`);
      insert(metric, `${id}, 'accuracy', i * 1.0 / (@last + 1), 0, @start + i * 1000, 10`);
    })();
  } finally {
    db.close();
  }
}
