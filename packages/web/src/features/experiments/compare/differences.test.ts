import type { Run } from "@hearth/wire/hub/tracking";
import { expect, test } from "vitest";
import { comparedRows } from "./differences.ts";

const run = (params: Record<string, string>): Run => ({
  id: "1",
  experiment_id: "0",
  name: "n",
  kind: "tracked",
  status: "FINISHED",
  params,
  tags: {},
  metrics: {},
  started_at: "2026-01-01T00:00:00.000Z",
  ended_at: null,
});

test("what differs stands first, what is missing differs", () => {
  expect(comparedRows([run({ a: "1", b: "2" }), run({ a: "1", b: "3", c: "4" })], "params")).toEqual([
    { key: "b", values: ["2", "3"], differs: true },
    { key: "c", values: [undefined, "4"], differs: true },
    { key: "a", values: ["1", "1"], differs: false },
  ]);
});
