import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HearthError } from "../errors.ts";
import { parseFilter } from "./filter.ts";
import { parseOrderBy } from "./order-by.ts";
import { printFilter, printOrderBy } from "./print.ts";
import type { Clause, Comparator, Literal, Name, OrderClause } from "./syntax.ts";

const word = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
const anyText = fc
  .string({
    unit: fc.constantFrom("a", "Z", "é", "😀", " ", "'", '"', "`", ".", "\\", "%", "\n", "(", ";"),
    maxLength: 12,
  })
  .filter((text) => text !== "");
const name: fc.Arbitrary<Name> = fc.record({
  prefix: fc.option(fc.oneof(word, anyText)),
  key: fc.oneof(word, anyText, fc.constantFrom("AND", "is", "0", "1e5", "in")),
});
const text: fc.Arbitrary<Literal> = fc.record({
  kind: fc.constant("text"),
  text: fc.oneof(anyText, fc.constant("")),
});
const number: fc.Arbitrary<Literal> = fc.record({
  kind: fc.constant("number"),
  value: fc.double({ noNaN: true }),
});
const list: fc.Arbitrary<Literal> = fc.record({
  kind: fc.constant("list"),
  texts: fc.array(anyText, { minLength: 1, maxLength: 4 }),
});
const clause: fc.Arbitrary<Clause> = fc.oneof(
  fc.record({
    name,
    comparator: fc.constantFrom<Comparator>("=", "!=", ">", ">=", "<", "<=", "LIKE", "ILIKE", "RLIKE"),
    literal: fc.oneof(text, number),
  }),
  fc.record({ name, comparator: fc.constantFrom<Comparator>("IN", "NOT IN"), literal: list }),
  fc.record({
    name,
    comparator: fc.constantFrom<Comparator>("IS NULL", "IS NOT NULL"),
    literal: fc.constant(null),
  }),
);

function refusedOrRead(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== "invalid_request") throw error;
  }
}

describe("filter", () => {
  it("reads what it prints", () => {
    fc.assert(
      fc.property(fc.array(clause, { maxLength: 5 }), (clauses) => {
        expect(parseFilter(printFilter(clauses))).toEqual(clauses);
      }),
    );
  });

  it("reads every form of a clause", () => {
    const filter =
      ' metrics.loss<-1.5e-3 and params.`learning rate` = \'0.1\' AND tags."a.b" ilike "%x\'y" ' +
      "AND run_id NOT in ('a','b',) AND tag.mlflow.user is not NULL AND metrics.0 >= .5 AND `x``y`.z is null";
    expect(parseFilter(filter)).toEqual([
      {
        name: { prefix: "metrics", key: "loss" },
        comparator: "<",
        literal: { kind: "number", value: -0.0015 },
      },
      {
        name: { prefix: "params", key: "learning rate" },
        comparator: "=",
        literal: { kind: "text", text: "0.1" },
      },
      { name: { prefix: "tags", key: "a.b" }, comparator: "ILIKE", literal: { kind: "text", text: "%x'y" } },
      {
        name: { prefix: null, key: "run_id" },
        comparator: "NOT IN",
        literal: { kind: "list", texts: ["a", "b"] },
      },
      { name: { prefix: "tag", key: "mlflow.user" }, comparator: "IS NOT NULL", literal: null },
      { name: { prefix: "metrics", key: "0" }, comparator: ">=", literal: { kind: "number", value: 0.5 } },
      { name: { prefix: "x`y", key: "z" }, comparator: "IS NULL", literal: null },
    ]);
    expect(parseFilter("tags.'a b' = 'c'")[0]?.name).toEqual({ prefix: "tags", key: "a b" });
    expect(parseFilter(" \n ")).toEqual([]);
  });

  it.each([
    ["a = 1 OR b = 2", /Invalid clause\(s\) in filter string: at position 7 there is 'OR'/],
    ["a = 1 AND", /at position 10 there is its end/],
    ["(a = 1)", /Invalid clause\(s\) in filter string: at position 1 there is '\('/],
    ["params.acc = LR", /Parameter value is either not quoted .* LR at position 14/],
    ["a == 1", /Invalid comparator '=='/],
    ["a <> 1", /Invalid comparator '<>'/],
    ["a", /Invalid comparison clause: at position 2 there is its end, expected a comparator/],
    ["a b c", /Invalid comparison clause: at position 3 there is 'b'/],
    ["a = 'b", /quote ' at position 5 is not closed/],
    ["a in ()", /expected a non-empty list/],
    ["a in ('b' 'c')", /ill-formed list/],
    ["a in (1)", /expected string value: at position 7 there is '1'/],
    ["a = 1;", /';' at position 6/],
    ["a = 12x", /'12x' at position 5/],
    ["a = '\0'", /NUL/],
    ["metrics.a-b > 1", /Invalid clause|Invalid comparison/],
    [Array.from({ length: 201 }, () => "a = 1").join(" AND "), /at most 200 clauses/],
    ["x".repeat(500_001), /500001 characters/],
  ])("refuses %j", (filter, message) => {
    expect(() => parseFilter(filter)).toThrow(message);
  });

  it("refuses whatever it cannot read with invalid_request and nothing else", () => {
    const piece = fc.constantFrom(
      ..."metrics . a `a` \"a\" 'a' = != >= LIKE NOT IN IS NULL AND OR ( ) , 1 -1e5 .5 ; -- /* 😀 \ud800 \u0000 \\".split(
        " ",
      ),
      " ",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
          fc.string(),
        ),
        (filter) => {
          refusedOrRead(() => parseFilter(filter));
          refusedOrRead(() => parseOrderBy(filter));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("reads long hostile filters in time linear in their length", () => {
    for (const filter of [
      "1".repeat(400_000) + "x",
      "'".repeat(400_001),
      "a.".repeat(200_000),
      `a = ${"(".repeat(400_000)}`,
      " ".repeat(500_000),
      `${"9".repeat(200_000)}.${"9".repeat(200_000)}e`,
      "a = 1 AND ".repeat(40_000),
    ]) {
      refusedOrRead(() => parseFilter(filter));
    }
    const texts = Array.from({ length: 5000 }, (_, index) => `${index}`);
    const long = `run_id IN (${texts.map((id) => `'${id}'`).join(",")})`;
    expect(parseFilter(long)[0]?.literal).toEqual({ kind: "list", texts });
  });
});

describe("order_by", () => {
  it("reads what it prints", () => {
    fc.assert(
      fc.property(fc.record<OrderClause>({ name, ascending: fc.boolean() }), (clause) => {
        expect(parseOrderBy(printOrderBy(clause))).toEqual(clause);
      }),
    );
  });

  it("reads directions in any case and ascends without one", () => {
    expect(parseOrderBy("metrics.`a b` desc")).toEqual({
      name: { prefix: "metrics", key: "a b" },
      ascending: false,
    });
    expect(parseOrderBy(' "start_time"  Asc ')).toEqual({
      name: { prefix: null, key: "start_time" },
      ascending: true,
    });
    expect(parseOrderBy("timestamp")).toEqual({ name: { prefix: null, key: "timestamp" }, ascending: true });
  });

  it.each([
    ["", /Invalid order_by clause ''/],
    ["a down", /Invalid ordering key in order_by clause 'a down'/],
    ["a ASC b", /Invalid order_by clause 'a ASC b'/],
    ["a, b", /Invalid ordering key/],
    ["a ASC; drop table runs", /Invalid clause\(s\) in order_by clause/],
  ])("refuses %j", (order, message) => {
    expect(() => parseOrderBy(order)).toThrow(message);
  });
});
