import { expect, test } from "vitest";
import { cellText, fieldOf, quoted, splitColumn } from "./columns.ts";

test("columns are named as the search language wants them", () => {
  expect(splitColumn("metrics.val.loss")).toEqual(["metrics", "val.loss"]);
  expect(["metrics.loss", "params.a b", "tags.a`b", "attributes.duration"].map(fieldOf)).toEqual([
    "metrics.loss",
    "params.`a b`",
    'tags."a`b"',
    undefined,
  ]);
  expect(["a", "it's", `'"`].map(quoted)).toEqual(["'a'", `"it's"`, undefined]);
});

test("a cell of a run says what the run has, not what objects have", () => {
  const run = {
    id: "1",
    experiment_id: "0",
    name: "n",
    kind: "tracked" as const,
    status: "FINISHED" as const,
    params: { lr: "0.1" },
    tags: {},
    metrics: { loss: null, acc: 0.123456 },
    started_at: "2026-01-01T00:00:00.000Z",
    ended_at: "2026-01-01T00:01:00.000Z",
    user_id: "ada",
    lifecycle_stage: "active" as const,
  };
  const columns = ["params.lr", "params.constructor", "metrics.loss", "metrics.acc", "attributes.duration"];
  expect(columns.map((column) => cellText(run, column))).toEqual(["0.1", "", "NaN", "0.1235", "1 min"]);
});
