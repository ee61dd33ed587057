import { expect, test } from "vitest";
import { broughtOut, chartLines } from "./chart-lines.ts";
import type { RunLine } from "./run-lines.ts";

const run = (id: string) => ({ id, experiment_id: "1", name: id, started_at: "", ended_at: null });
const line = (id: string, runs: string[], group = false): RunLine => ({
  id,
  label: id,
  color: "#123456",
  runs: runs.map(run),
  group,
  parent: undefined,
});
const series = (run_id: string, value: number[]) => ({
  run_id,
  key: "loss",
  complete: true,
  start: 0,
  step: value.map((_, step) => step),
  timestamp: value.map((_, step) => step * 1000),
  value,
});

test("of runs their points, of groups the mean with its band, of what has no points nothing", () => {
  const drawn = chartLines(
    [line("a", ["a"]), line("none", ["none"]), line("both", ["a", "b"], true)],
    [series("a", [1, 2]), series("b", [3, 6]), series("none", [])],
    "relative",
  );
  expect(drawn).toMatchObject([
    { id: "a", color: "#123456", x: [0, 1], y: [1, 2] },
    { id: "both", x: [0, 1], y: [2, 4], band: { min: [1, 2], max: [3, 6] } },
  ]);
});

test("a line that is pointed at is on top of the others, which are faint", () => {
  const drawn = chartLines(
    [line("a", ["a"]), line("b", ["b"])],
    [series("a", [1]), series("b", [2])],
    "step",
  );
  expect(broughtOut(drawn, "a").map(({ id, color }) => [id, color])).toEqual([
    ["b", "#12345626"],
    ["a", "#123456"],
  ]);
  expect(broughtOut(drawn, "elsewhere")).toBe(drawn);
});
