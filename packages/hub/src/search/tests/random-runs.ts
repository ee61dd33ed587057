import fc from "fast-check";
import { sql } from "kysely";
import type { Database } from "../../storage/database.ts";
import type { Clause, Comparator, Name, OrderClause } from "../syntax.ts";
import type { ReferenceRun } from "./reference.ts";

const keys = ["a", "B", "a.b", "x y", "k'`\"", "é"];
const key = fc.constantFrom(...keys);
const numbers = [-1.5, 0, 1, 2, 1e-7, 1.7976931348623157e308];
const units = ["a", "A", "b", "é", "É", "😀", "%", "_", "*", "?", "[", "]", "\\", "'", ".", "\n"];
const text = fc.oneof(
  // Alike in what an index has of them.
  fc.constantFrom(
    "a",
    "A",
    "ab",
    "true",
    "false",
    "",
    "é".repeat(64),
    `${"é".repeat(64)}b`,
    `${"é".repeat(64)}c`,
  ),
  fc.string({ unit: fc.constantFrom(...units), maxLength: 4 }),
);
const pairs = fc.uniqueArray(fc.tuple(key, text), { selector: ([name]) => name, maxLength: 4 });
const instants = [0, 1, 1000, 1_700_000_000_000];
const contexts = ["train", "eval"];

/** Runs that have much in common, so that every condition meets some and not others. */
export const randomRuns: fc.Arbitrary<ReferenceRun[]> = fc.uniqueArray(
  fc.record({
    id: fc.stringMatching(/^[0-9a-f]{3}$/),
    name: text,
    userId: text,
    status: fc.constantFrom("RUNNING" as const, "FINISHED" as const, "FAILED" as const),
    startedAt: fc.constantFrom(...instants),
    endedAt: fc.option(fc.constantFrom(...instants)),
    metrics: fc
      .uniqueArray(fc.tuple(key, fc.constantFrom(...numbers, Number.NaN)), {
        selector: ([name]) => name,
        maxLength: 4,
      })
      .map((entries) => new Map(entries)),
    params: pairs.map((entries) => new Map(entries)),
    tags: pairs.map((entries) => new Map(entries)),
    datasets: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom("mnist", "MNIST", "iris"),
        digest: fc.constantFrom("1", "2"),
        context: fc.option(fc.constantFrom(...contexts)),
      }),
      { selector: ({ name, digest }) => `${name} ${digest}`, maxLength: 2 },
    ),
  }),
  { selector: ({ id }) => id, minLength: 20, maxLength: 30 },
);

const value = fc.record({ kind: fc.constant("text" as const), text });
const number = fc.record({
  kind: fc.constant("number" as const),
  value: fc.constantFrom(...numbers, ...instants, 0.5, 1e300, -1e300, Infinity, -Infinity),
});
const list = fc.record({
  kind: fc.constant("list" as const),
  texts: fc.array(text, { minLength: 1, maxLength: 3 }),
});
const numeric = fc.constantFrom<Comparator>("=", "!=", ">", ">=", "<", "<=");
const matching = fc.constantFrom<Comparator>("=", "!=", "LIKE", "ILIKE");
const presence = fc.constantFrom<Comparator>("IS NULL", "IS NOT NULL");

function under(prefix: string | null, key: fc.Arbitrary<string>): fc.Arbitrary<Name> {
  return key.map((name) => ({ prefix, key: name }));
}

const pairName = fc.oneof(under("params", key), under("tags", key));
const textName = fc.oneof(
  under(null, fc.constantFrom("run_id", "run_name", "user_id", "status", "artifact_uri")),
  under("datasets", fc.constantFrom("name", "digest", "context")),
);
const known = fc.record({
  kind: fc.constant("text" as const),
  text: fc.constantFrom("mnist", "1", "train", "FINISHED", "%n%", "mlflow%/artifacts", "MN_S_"),
});
const numberName = fc.oneof(
  under("metrics", key),
  under("attribute", fc.constantFrom("start_time", "end_time", "created")),
);

/** Clauses that are right for runs. */
export const randomClause: fc.Arbitrary<Clause> = fc.oneof(
  fc.record({ name: numberName, comparator: numeric, literal: number }),
  fc.record({ name: pairName, comparator: matching, literal: value }),
  fc.record({ name: pairName, comparator: presence, literal: fc.constant(null) }),
  fc.record({ name: textName, comparator: matching, literal: fc.oneof(known, value) }),
  fc.record({
    name: textName,
    comparator: fc.constantFrom<Comparator>("IN", "NOT IN"),
    literal: list,
  }),
);

/** Orders that are right for runs. */
export const randomOrder: fc.Arbitrary<OrderClause[]> = fc.uniqueArray(
  fc.record({
    name: fc.oneof(
      under("metrics", key),
      pairName,
      under(null, fc.constantFrom("status", "end_time", "run_name")),
    ),
    ascending: fc.boolean(),
  }),
  { selector: ({ name }) => `${name.prefix} ${name.key}`, maxLength: 3 },
);

/** Stores runs in the experiment "1". */
export async function insertRuns(database: Database, runs: readonly ReferenceRun[]): Promise<void> {
  await database.transaction(async (db) => {
    await sql`insert into experiments (id, name, lifecycle_stage, created_at, updated_at)
      values ('1', 'one', 'active', 0, 0)`.execute(db);
    const datasets = new Set<string>();
    for (const run of runs) {
      await sql`insert into runs (id, experiment_id, name, kind, user_id, status, lifecycle_stage, started_at, ended_at)
        values (${run.id}, '1', ${run.name}, 'tracked', ${run.userId}, ${run.status}, 'active', ${run.startedAt}, ${run.endedAt})`.execute(
        db,
      );
      for (const [name, metric] of run.metrics) {
        const nan = Number.isNaN(metric);
        await sql`insert into metric_series (run_id, key, value, is_nan, timestamp, step)
          values (${run.id}, ${name}, ${nan ? 0 : metric}, ${nan ? 1 : 0}, 0, 0)`.execute(db);
      }
      for (const [name, param] of run.params) {
        await sql`insert into run_params (run_id, key, value) values (${run.id}, ${name}, ${param})`.execute(
          db,
        );
      }
      for (const [name, tag] of run.tags) {
        await sql`insert into run_tags (run_id, key, value) values (${run.id}, ${name}, ${tag})`.execute(db);
      }
      for (const { name, digest, context } of run.datasets) {
        const id = `${name}-${digest}`;
        if (!datasets.has(id)) {
          await sql`insert into tracked_datasets (id, experiment_id, name, digest, source_type, source)
            values (${id}, '1', ${name}, ${digest}, 'local', '{}')`.execute(db);
          datasets.add(id);
        }
        const tags = context === null ? [] : [{ key: "mlflow.data.context", value: context }];
        await sql`insert into run_dataset_inputs (run_id, dataset_id, tags)
          values (${run.id}, ${id}, ${JSON.stringify(tags)})`.execute(db);
      }
    }
  });
}
