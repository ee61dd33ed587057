import fc from "fast-check";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import { printFilter } from "../print.ts";
import { findRunIds, resolveFilter, resolveOrder, runs } from "../search.ts";
import { insertRuns, randomClause, randomOrder, randomRuns } from "./random-runs.ts";
import { inOrder, meetsAll } from "./reference.ts";

const size = fc.integer({ min: 0, max: 12 });
/** So that every way of looking is taken with a few runs. */
const sizes = fc.record({ few: size, many: size, tried: size, collected: size });
const metricOrder = fc.record({
  name: fc.record({ prefix: fc.constant("metrics"), key: fc.constantFrom("a", "B") }),
  ascending: fc.boolean(),
});

describeEachDatabase("findRunIds", (open) => {
  it.each([11, 12])("finds every page of what a plain evaluation finds (runs %i)", async (seed) => {
    const { database } = open();
    const stored = fc.sample(randomRuns, { seed, numRuns: 1 })[0] ?? [];
    await insertRuns(database, stored);
    const deleted = stored.slice(0, 5).map(({ id }) => id);
    for (const id of deleted) {
      await sql`update runs set lifecycle_stage = 'deleted' where id = ${id}`.execute(database.db);
    }
    const orders = fc
      .tuple(fc.option(metricOrder), randomOrder)
      .map(([first, others]) =>
        first === null ? others : [first, ...others.filter(({ name }) => name.key !== first.name.key)],
      );
    const lifecycle = fc.constantFrom("active", "deleted", null);
    const page = fc.record({
      limit: fc.integer({ min: 0, max: 12 }),
      offset: fc.integer({ min: 0, max: 25 }),
    });
    const ids = fc.constantFrom<string[]>(["1"], ["1", "0"], ["0"], []);
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.array(randomClause, { maxLength: 2 }), orders, lifecycle, page, ids, sizes),
        async ([clauses, orderBy, stage, { limit, offset }, experimentIds, limits]) => {
          const conditions = resolveFilter(runs, printFilter(clauses));
          const order = resolveOrder(runs, orderBy);
          const seen = stored.filter(
            (run) =>
              experimentIds.includes("1") &&
              (stage === null || deleted.includes(run.id) === (stage === "deleted")) &&
              meetsAll(run, conditions),
          );
          const expected = inOrder(seen, order).map(({ id }) => id);
          const search = { experimentIds, lifecycle: stage, conditions, order, limit, offset };
          expect(await findRunIds(database, search, limits)).toEqual(expected.slice(offset, offset + limit));
        },
      ),
      { numRuns: 500, seed },
    );
  });
});
