import type { Run } from "@hearth/wire/hub/tracking";
import { expect, test } from "vitest";
import { axesOf, within } from "./axes.ts";

const run = (params: Record<string, string>, loss: number | null): Run => ({
  id: "1",
  experiment_id: "0",
  name: "n",
  kind: "tracked",
  status: "FINISHED",
  params,
  tags: {},
  metrics: { loss },
  started_at: "2026-01-01T00:00:00.000Z",
  ended_at: null,
});

test("axes are numbers where they can be, and intervals keep the runs that lie in all of them", () => {
  const axes = axesOf([
    run({ lr: "0.1", model: "b", same: "x" }, 1),
    run({ lr: "0.2", model: "a", same: "x" }, null),
  ]);
  expect(axes).toEqual([
    { name: "lr", categories: undefined, values: [0.1, 0.2] },
    { name: "model", categories: ["a", "b"], values: [1, 0] },
    { name: "loss", categories: undefined, values: [1, null] },
  ]);
  const drawn = new Map([
    [0, [[0.05, 0.15]]],
    [1, []],
  ]);
  expect([0, 1].map((index) => within(axes, drawn, index))).toEqual([true, false]);
  expect(within(axes, new Map([[2, [[0, 2]]]]), 1)).toBe(false);
});
