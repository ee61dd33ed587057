import { expect, test } from "vitest";
import { isShown, rangeOf, toggled, zoomedTo } from "./charts-search.ts";
import { linesOfGroups, linesOfRuns } from "./run-lines.ts";

const colorOf = (name: string) => `colour of ${name}`;
const run = (id: string, params: Record<string, string> = {}) => ({
  id,
  experiment_id: "1",
  name: `run ${id}`,
  started_at: "2026-01-01T00:00:00Z",
  ended_at: null,
  params,
  tags: { lr: "a tag" },
});

test("runs are lines of different colours, and without a name go by their id", () => {
  const lines = linesOfRuns([run("a"), { ...run("b"), name: "" }], colorOf);
  expect(lines.map(({ id, label }) => [id, label])).toEqual([
    ["a", "run a"],
    ["b", "b"],
  ]);
  expect(lines.map(({ color }) => color)).toEqual(["colour of a", "colour of b"]);
});

test("groups are lines, the largest first, with their runs where they are open", () => {
  const runs = [run("a", { lr: "" }), run("b"), run("c", { lr: "0.1" }), run("d", { lr: "0.1" })];
  const lines = linesOfGroups(runs, "params.lr", ['group "0.1"'], colorOf);
  expect(lines.map(({ id, label, parent }) => [id, label, parent])).toEqual([
    ['group "0.1"', "0.1", undefined],
    ["c", "run c", 'group "0.1"'],
    ["d", "run d", 'group "0.1"'],
    ['group ""', "(empty)", undefined],
    ["group null", "(none)", undefined],
  ]);
  expect(lines[0]?.color).toBe('colour of params.lr group "0.1"');
});

test("a name that every object has is no value", () => {
  const [line] = linesOfGroups([run("a")], "params.constructor", [], colorOf);
  expect(line?.id).toBe("group null");
});

test("lines are hidden and shown again", () => {
  expect(toggled({}, "a")).toEqual({ hidden: ["a"] });
  expect(toggled({ hidden: ["a"] }, "a")).toEqual({ hidden: undefined });
  expect(toggled({ only: [] }, "a")).toEqual({ only: ["a"] });
  expect([isShown({}, "a"), isShown({ hidden: ["a"] }, "a"), isShown({ only: [] }, "a")]).toEqual([
    true,
    false,
    false,
  ]);
});

test("each chart has a zoom of its own", () => {
  const once = zoomedTo({}, "loss", { min: 1, max: 2 });
  const twice = zoomedTo(once, "__proto__", { min: 3, max: 4 });
  expect(rangeOf(twice, "loss")).toEqual({ min: 1, max: 2 });
  expect(rangeOf(zoomedTo(twice, "loss", null), "__proto__")).toEqual({ min: 3, max: 4 });
  expect(zoomedTo(once, "loss", null)).toEqual({ zoom: undefined });
});
