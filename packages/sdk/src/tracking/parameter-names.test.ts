import fc from "fast-check";
import { expect, test } from "vitest";
import { parameterNames } from "./parameter-names.ts";

test.each([
  ["function train(rate, epochs) {}", ["rate", "epochs"]],
  ["async function* f(a = g(1, 2), b = ')', ...rest) {}", ["a", "b", "rest"]],
  ["({ a, b }, [c], d) => {}", [null, null, "d"]],
  ["async x => x", ["x"]],
  ["$ => 1", ["$"]],
  ["() => (a, b)", []],
  ["train(rate /* , not this */, // nor, this\n epochs) { }", ["rate", "epochs"]],
  ["async *[name(1)](a, b) {}", ["a", "b"]],
  ["(a = `x${'('}`, b = { c: [1, 2] }) => a", ["a", "b"]],
  ["function(größe,\n) {}", ["größe"]],
  ["function () { [native code] }", []],
  ["class A { constructor(a) {} ", []],
])("%s", (source, names) => {
  expect(parameterNames(source)).toEqual(names);
});

test("reads the source of real functions", () => {
  const holder = {
    async method(first: number, [second]: number[]) {
      await Promise.resolve();
      return first + (second ?? 0);
    },
  };
  expect(parameterNames(holder.method.toString())).toEqual(["first", null]);
});

test("no text disturbs it", () => {
  const signs = fc.constantFrom(..."(){}[],=>'\"`\\/* .ab\n".split(""));
  fc.assert(
    fc.property(
      fc.array(signs).map((all) => all.join("")),
      (source) => void parameterNames(source),
    ),
  );
});
