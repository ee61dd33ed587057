import { expect, test } from "vitest";
import { completions } from "./completion.ts";

const columns = ["attributes.status", "metrics.loss", "params.lr", "params.a b"];
const at = (text: string) =>
  completions(text, columns, (column) => (column === "attributes.status" ? ["FAILED", "FINISHED"] : []));
const whole = (text: string) => at(text).map(({ text: added, from }) => text.slice(0, from) + added);

test("fields, comparators, values and AND are offered where they belong", () => {
  expect(whole("lo")).toEqual(["metrics.loss "]);
  expect(whole("params.")).toEqual(["params.lr ", "params.`a b` "]);
  expect(whole("metrics.loss ")).toContain("metrics.loss <= ");
  expect(whole("params.lr L")).toEqual(["params.lr LIKE "]);
  expect(whole("status = ")).toEqual([]);
  expect(whole("attributes.status = 'FI")).toEqual(["attributes.status = 'FINISHED' "]);
  expect(whole("metrics.loss < 0.5 ")).toEqual(["metrics.loss < 0.5 AND "]);
  expect(whole("params.lr = 'a and b' AND met")).toEqual(["params.lr = 'a and b' AND metrics.loss "]);
});
