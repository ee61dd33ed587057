import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatGate, gateOperators, parseGate } from "./gate-expression.ts";
import type { GateExpression } from "./gate-expression.ts";
import { checkGate } from "./gates.ts";
import type { GateSubject, Measured } from "./gates.ts";

const name = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => !text.includes('"'));
const number = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer())
  .map((value) => value + 0);
const gate: fc.Arbitrary<GateExpression> = fc.record(
  {
    metric: fc.oneof(name, fc.constantFrom("ci_low", "ci_high")),
    bound: fc.constantFrom("low" as const, "high" as const),
    operator: fc.constantFrom(...gateOperators),
    threshold: fc.oneof(
      fc.record({ kind: fc.constant("number" as const), value: number }),
      fc.record({ kind: fc.constant("alias" as const), alias: name, offset: number, orEmpty: fc.boolean() }),
    ),
  },
  { requiredKeys: ["metric", "operator", "threshold"] },
);

test("every gate that can be written down is read back the same", () => {
  fc.assert(
    fc.property(gate, (expression) => {
      expect(parseGate(formatGate(expression))).toEqual(expression);
    }),
  );
});

test("spaces between the parts change nothing", () => {
  const spaces = fc.stringMatching(/^[ \t]{0,3}$/);
  fc.assert(
    fc.property(spaces, spaces, spaces, spaces, (a, b, c, d) => {
      expect(parseGate(`${a}accuracy${b}>=${c}champion${d}-${a}0.01`)).toEqual({
        metric: "accuracy",
        operator: ">=",
        threshold: { kind: "alias", alias: "champion", offset: -0.01, orEmpty: false },
      });
    }),
  );
});

test("any text is either read or refused as an invalid request with a position inside it", () => {
  const pieces = fc.array(
    fc.constantFrom(
      "accuracy",
      ">=",
      "=",
      "champion",
      "+",
      "-",
      "0.1",
      "1e9",
      "or",
      "empty",
      '"',
      "ci_low",
      "(",
      ")",
      "\u00e4",
      " ",
      "é",
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join("")),
      ),
      (text) => {
        try {
          parseGate(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_request", details: { field: "require", gate: text } });
          const { position } = (error as { details: { position: number } }).details;
          expect(position).toBeGreaterThanOrEqual(1);
          expect(position).toBeLessThanOrEqual(text.length + 1);
        }
      },
    ),
  );
});

test.each<[string, GateExpression]>([
  ["accuracy>=0.9", { metric: "accuracy", operator: ">=", threshold: { kind: "number", value: 0.9 } }],
  ["loss < -1.5e-3", { metric: "loss", operator: "<", threshold: { kind: "number", value: -0.0015 } }],
  ["f1-score==.5", { metric: "f1-score", operator: "==", threshold: { kind: "number", value: 0.5 } }],
  [
    "ci_low( f1/spam ) >= .5",
    { metric: "f1/spam", bound: "low", operator: ">=", threshold: { kind: "number", value: 0.5 } },
  ],
  ["ci_low>=1", { metric: "ci_low", operator: ">=", threshold: { kind: "number", value: 1 } }],
  [
    "accuracy>champion-0.01",
    {
      metric: "accuracy",
      operator: ">",
      threshold: { kind: "alias", alias: "champion", offset: -0.01, orEmpty: false },
    },
  ],
  [
    "accuracy>=pre-prod",
    {
      metric: "accuracy",
      operator: ">=",
      threshold: { kind: "alias", alias: "pre-prod", offset: 0, orEmpty: false },
    },
  ],
  [
    'accuracy>="prod-2"+1',
    {
      metric: "accuracy",
      operator: ">=",
      threshold: { kind: "alias", alias: "prod-2", offset: 1, orEmpty: false },
    },
  ],
  [
    "val/loss <= champion or empty",
    {
      metric: "val/loss",
      operator: "<=",
      threshold: { kind: "alias", alias: "champion", offset: 0, orEmpty: true },
    },
  ],
])("%s", (text, expected) => {
  expect(parseGate(text)).toEqual(expected);
});

test.each([
  ["", 1, "the name of a metric"],
  ["accuracy", 9, "one of >= <= == > <"],
  ["accuracy>=", 11, "a number or an alias"],
  ["accuracy=>0.9", 9, undefined],
  ["accuracy>=champion+", 20, "a number"],
  ["accuracy>=0.9 0.8", 15, "nothing more"],
  ["accuracy>=champion or", 22, "'empty'"],
  ["accuracy>=1e999", 11, "a number"],
  ["ci_low(accuracy>=1", 16, "')'"],
  ["ci_low()>=1", 8, "the name of a metric"],
  ["accuracy>=0.9; drop table", 14, undefined],
])("'%s' is refused at position %i", (text, position, expected) => {
  expect(() => parseGate(text)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  try {
    parseGate(text);
  } catch (error) {
    expect(error).toMatchObject({ details: { position, ...(expected === undefined ? {} : { expected }) } });
  }
});

const test128 = { evaluationId: "e", datasetId: "d", dataset: "mails", split: "test", rows: 128 };

function subject(values: Record<number, Measured | null>, champion: number | null): GateSubject {
  return {
    candidate: 2,
    versionOf: (alias) => (alias === "champion" ? champion : null),
    measure: (version, _metric, on) =>
      Promise.resolve(on === null || values[version]?.on === on ? (values[version] ?? null) : null),
    needed: () => Promise.resolve(null),
    difference: () => Promise.resolve(null),
  };
}

const measured = (value: number): Measured => ({
  value,
  interval: { low: value - 0.05, high: value + 0.05 },
  on: test128,
});

test.each<[string, number, number | null, boolean]>([
  ["accuracy>=0.9", 0.9, null, true],
  ["accuracy>0.9", 0.9, null, false],
  ["accuracy>=champion+0.01", 0.91, 0.9, true],
  ["accuracy>=champion+0.01", 0.9, 0.9, false],
  ["accuracy<champion", 0.4, 0.5, true],
  ["accuracy<=champion-0.1", 0.4, 0.5, true],
  ["accuracy==champion", 0.5, 0.5, true],
  ["accuracy>=champion", 0.9, null, false],
  ["accuracy>=champion or empty", 0.1, null, true],
  ["accuracy>=champion or empty", 0.1, 0.5, false],
])("%s with %d against %s: %s", async (text, value, champion, passed) => {
  const values = { 2: measured(value), 1: champion === null ? null : measured(champion) };
  const check = await checkGate(parseGate(text), subject(values, champion === null ? null : 1));
  expect(check).toMatchObject({ metric: "accuracy", value, passed });
});

test("what was not measured, or on other rows, does not pass and says what to do", async () => {
  const gate = parseGate("accuracy>=champion");
  const none = await checkGate(gate, subject({ 1: measured(0.5) }, 1));
  expect(none).toMatchObject({
    passed: false,
    value: null,
    threshold: null,
    reason: expect.stringContaining("version 2 has not been measured"),
  });
  const elsewhere = await checkGate(
    gate,
    subject({ 2: measured(0.9), 1: { value: 0.5, interval: null, on: { ...test128, rows: 64 } } }, 1),
  );
  expect(elsewhere).toMatchObject({
    passed: false,
    value: 0.9,
    reason: expect.stringContaining("has not been measured on the 128 rows of mails/test"),
  });
});

test("the reason holds the figures", async () => {
  const check = await checkGate(
    parseGate("accuracy>=champion+0.01"),
    subject({ 2: measured(0.93), 1: measured(0.4) }, 1),
  );
  expect(check.reason).toBe("accuracy is 0.93, >= 0.41 (version 1, 'champion': 0.4 + 0.01)");
});

test("an end of the interval is compared in place of the value", async () => {
  const values = { 2: measured(0.93), 1: measured(0.9) };
  const low = await checkGate(parseGate("ci_low(accuracy)>=champion"), subject(values, 1));
  expect(low).toMatchObject({ passed: false, metric: "accuracy" });
  expect(low.value).toBeCloseTo(0.88, 12);
  expect(low.reason).toBe("ci_low(accuracy) is 0.88, not >= 0.9 (version 1, 'champion': 0.9)");
  const high = await checkGate(parseGate("ci_high(loss)<1"), subject(values, 1));
  expect(high).toMatchObject({ passed: true, expression: "ci_high(loss)<1" });
  const without = await checkGate(
    parseGate("ci_low(accuracy)>=0.1"),
    subject({ 2: { ...measured(0.9), interval: null } }, null),
  );
  expect(without).toMatchObject({ passed: false, reason: expect.stringContaining("no confidence interval") });
});

test("what is missing comes with the evaluation that gives it, and what is there with the paired difference", async () => {
  const needed = {
    model: "triage:2",
    dataset: "mails:1",
    split: "test" as const,
    limit: 50,
    scorer_files: ["/mine.ts"],
  };
  const lacking = { ...subject({}, null), needed: () => Promise.resolve(needed) };
  const missing = await checkGate(parseGate("mine>=0.9"), lacking);
  expect(missing.needed).toEqual(needed);
  expect(missing.reason).toContain(
    "hearth eval triage:2 --dataset mails:1 --split test --limit 50 --scorer /mine.ts",
  );
  const difference = { value: 0.03, low: -0.01, high: 0.07 };
  const both = {
    ...subject({ 2: measured(0.93), 1: measured(0.9) }, 1),
    difference: () => Promise.resolve(difference),
  };
  const check = await checkGate(parseGate("accuracy>=champion"), both);
  expect(check).toMatchObject({ passed: true, difference });
  expect(check.reason).toContain("differs by 0.03 (95 %: -0.01 to 0.07)");
});
