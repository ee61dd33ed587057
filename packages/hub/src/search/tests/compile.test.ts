import fc from "fast-check";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../../storage/database.ts";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import type { Condition, SortTerm } from "../condition.ts";
import { printFilter } from "../print.ts";
import { parseRegularExpression } from "../regular-expression/regular-expression.ts";
import {
  compare,
  compileFilter,
  compileOrder,
  resolveFilter,
  resolveOrder,
  runs,
  runsLayout,
} from "../search.ts";
import { insertRuns, randomClause, randomOrder, randomRuns } from "./random-runs.ts";
import { expression, subject } from "./random-expressions.ts";
import { inOrder, like, meetsAll, type ReferenceRun } from "./reference.ts";

async function find(
  database: Database,
  conditions: readonly Condition[],
  order: readonly SortTerm[] = [],
): Promise<string[]> {
  const { dialect } = database;
  let query = database.db
    .selectFrom("runs")
    .select("id")
    .where(compileFilter(dialect, runsLayout, conditions));
  for (const term of compileOrder(dialect, runsLayout, order)) query = query.orderBy(term);
  const rows = await query
    .orderBy("started_at", "desc")
    .orderBy(sql`id collate ${sql.raw(dialect === "sqlite" ? "binary" : '"C"')}`)
    .execute();
  return rows.map((row) => row.id);
}

/** The same runs every time, so that a failing filter fails again. */
function sampleRuns(seed: number): ReferenceRun[] {
  return fc.sample(randomRuns, { seed, numRuns: 1 })[0] ?? [];
}

describeEachDatabase("compiled searches", (open) => {
  it.each([1, 2])("find what a plain evaluation finds, in its order (runs %i)", async (seed) => {
    const { database } = open();
    const stored = sampleRuns(seed);
    await insertRuns(database, stored);
    await fc.assert(
      fc.asyncProperty(fc.array(randomClause, { maxLength: 3 }), randomOrder, async (clauses, orders) => {
        const conditions = resolveFilter(runs, printFilter(clauses));
        const order = resolveOrder(runs, orders);
        const expected = inOrder(
          stored.filter((run) => meetsAll(run, conditions)),
          order,
        ).map(({ id }) => id);
        expect(await find(database, conditions, order)).toEqual(expected);
      }),
      { numRuns: 300, seed },
    );
  });

  it("find with regular expressions what a plain evaluation finds", async () => {
    const { database } = open();
    const stored = sampleRuns(3);
    await insertRuns(database, stored);
    const sources = [
      "a",
      "^a",
      "[^a]$",
      "(?:a|é)+",
      "^.?$",
      "\\w\\b",
      "\\B",
      "[%_*]",
      "a{1,2}\\]?",
      "^(?:)$",
      "[\\s\\S]",
      "[^\\s\\S]",
      "\\\\|\\?",
      "\\.",
      "😀",
      "^\\W+$",
    ];
    let met = 0;
    for (const source of sources) {
      for (const kind of ["tag", "param"]) {
        for (const key of ["a", "B", "x y"]) {
          const value = parseRegularExpression(source);
          const condition: Condition = { kind, key, type: "text", test: { comparator: "RLIKE", value } };
          const expected = inOrder(
            stored.filter((run) => meetsAll(run, [condition])),
            [],
          ).map(({ id }) => id);
          expect(await find(database, [condition]), source).toEqual(expected);
          met += expected.length;
        }
      }
    }
    expect(met).toBeGreaterThan(50);
  });

  it("match LIKE and ILIKE alike, character by character", async () => {
    const { database } = open();
    const unit = fc.constantFrom("a", "A", "é", "É", "😀", "%", "_", "*", "?", "[", "]", "^", "-", "\\");
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit, maxLength: 8 }),
        fc.string({ unit, maxLength: 8 }),
        async (text, pattern) => {
          const tests = ["LIKE" as const, "ILIKE" as const].map((comparator) =>
            compileFilter(
              database.dialect,
              { value: { kind: "columns", columns: { it: sql`cast(${text} as text)` } } },
              [{ kind: "value", key: "it", type: "text", test: { comparator, value: pattern } }],
            ),
          );
          const met = await Promise.all(
            tests.map(
              async (test) => (await sql`select 1 where ${test}`.execute(database.db)).rows.length === 1,
            ),
          );
          const lower = (value: string) => value.replaceAll("A", "a");
          expect(met).toEqual([like(text, pattern), like(lower(text), lower(pattern))]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("match regular expressions alike", async () => {
    const { database } = open();
    await fc.assert(
      fc.asyncProperty(expression, subject, async (source, text) => {
        const value = parseRegularExpression(source);
        const test = compare(database.dialect, sql`cast(${text} as text)`, {
          type: "text",
          test: { comparator: "RLIKE", value },
        });
        const found = await sql`select 1 where ${test}`.execute(database.db).catch((error: unknown) => error);
        // PostgreSQL gives up on some repetitions inside of repetitions, and says so.
        if (found instanceof Error) {
          expect(found).toMatchObject({ code: "invalid_request" });
          expect(found.message).toContain("too complex");
        } else expect(found).toHaveProperty("rows.length", new RegExp(source, "u").test(text) ? 1 : 0);
      }),
      { numRuns: 1000 },
    );
  });

  it("take a missing tag for its value where the entity says so", async () => {
    const { database } = open();
    const [first, second, third] = sampleRuns(4);
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("three runs are needed");
    const tagged = [
      { ...first, tags: new Map([["p", "true"]]) },
      { ...second, tags: new Map([["p", "other"]]) },
      { ...third, tags: new Map<string, string>() },
    ];
    await insertRuns(database, tagged);
    const ask = async (comparator: "=" | "!=", value: string) => {
      const found = await find(database, [
        { kind: "tag", key: "p", type: "text", test: { comparator, value }, absent: "false" },
      ]);
      return found.map((id) => tagged.findIndex((run) => run.id === id)).toSorted((a, b) => a - b);
    };
    expect(await ask("!=", "true")).toEqual([1, 2]);
    expect(await ask("=", "false")).toEqual([2]);
    expect(await ask("=", "true")).toEqual([0]);
    expect(await ask("!=", "false")).toEqual([0, 1]);
  });

  it("take what is written for values and never for SQL", async () => {
    const { database } = open();
    const stored = sampleRuns(5);
    await insertRuns(database, stored);
    for (const attack of [
      "'; drop table runs; --",
      "x') or 1=1 --",
      "\\'; select 1",
      '"; delete from runs; --',
      "$1",
      "?1",
      ":a",
    ]) {
      const quoted = attack.replaceAll("'", "''");
      const filters = [
        `params.a = '${quoted}'`,
        `tags.\`${attack}\` = 'x'`,
        `run_name LIKE '${quoted}'`,
        `run_id IN ('${quoted}')`,
        `datasets.context = '${quoted}'`,
      ];
      for (const filter of filters) expect(await find(database, resolveFilter(runs, filter))).toEqual([]);
      expect(
        await find(
          database,
          [],
          resolveOrder(runs, [{ name: { prefix: "metrics", key: attack }, ascending: true }]),
        ),
      ).toHaveLength(stored.length);
    }
    expect(await find(database, [])).toHaveLength(stored.length);
  });

  it("take as many clauses and listed values as a filter may have", async () => {
    const { database } = open();
    await insertRuns(database, sampleRuns(6));
    const clauses = Array.from({ length: 50 }, (_, index) => [
      `metrics.m${index} > 1`,
      `params.p${index} = 'x'`,
      `tags.t${index} IS NULL`,
      `datasets.context LIKE '${index}%'`,
    ]).flat();
    expect(await find(database, resolveFilter(runs, clauses.join(" AND ")))).toEqual([]);
    const ids = Array.from({ length: 10_000 }, (_, index) => `'${index}'`).join(",");
    await find(database, resolveFilter(runs, `run_id NOT IN (${ids})`));
    await find(database, resolveFilter(runs, `tags.a LIKE '${"%_a".repeat(5000)}'`));
  });
});

describe("regular expressions in SQLite", () => {
  it("end a statement that takes too long, as the mistake of whoever asked", async () => {
    await using database = await openDatabase({ kind: "sqlite", path: ":memory:" });
    let bits = 1;
    const letters = Array.from({ length: 200_000 }, () => {
      bits = (Math.imul(bits, 1_103_515_245) + 12_345) >>> 0;
      return (bits & 65_536) === 0 ? "b" : "a";
    });
    const test = { comparator: "RLIKE" as const, value: parseRegularExpression("a[ab]{200}x") };
    const slow = sql`select 1 where ${compare("sqlite", sql`${letters.join("")}`, { type: "text", test })}`;
    await expect(slow.execute(database.db)).rejects.toMatchObject({ code: "invalid_request" });
    const quick = sql`select 1 where ${compare("sqlite", sql`'bab'`, { type: "text", test })}`;
    expect((await quick.execute(database.db)).rows).toEqual([]);
  });
});

describe("like", () => {
  it("is what the databases are checked against", () => {
    expect(like("abc", "a%")).toBe(true);
    expect(like("abc", "A%")).toBe(false);
    expect(like("a😀", "a_")).toBe(true);
    expect(like("", "%")).toBe(true);
  });
});
