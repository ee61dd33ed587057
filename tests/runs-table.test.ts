import { HearthApiError } from "@hearth/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fillTable } from "./browser/many-runs.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
let experiment: string;

beforeAll(async () => {
  hub = await TestHub.start();
  experiment = (await hub.client.experiments.create("table")).id;
  fillTable(hub.home, experiment, 1_000);
});
afterAll(() => hub[Symbol.asyncDispose]());

const found = async (request: { filter?: string; order_by?: string[]; offset?: number; limit?: number }) =>
  await hub.client.runs.search({ experiment_ids: [experiment], ...request });

test("any place of the table is read with the number of all runs", async () => {
  const last = await found({ offset: 998, limit: 500 });
  expect(last.total).toBe(1_000);
  expect(last.items.map(({ name }) => name)).toEqual(["run-1", "run-0"]);
  expect(await found({ offset: 1_000 })).toEqual({ total: 1_000, items: [] });
  const oldest = await found({ order_by: ["attributes.start_time ASC"], offset: 2, limit: 1 });
  expect(oldest.items).toMatchObject([{ name: "run-2", params: { lr: "0.3" }, lifecycle_stage: "active" }]);
});

test("a filter, an order and only the columns that are shown", async () => {
  const { total, items } = await hub.client.runs.search({
    experiment_ids: [experiment],
    filter: "params.lr = '0.1' and metrics.loss < 0.5",
    order_by: ["metrics.loss DESC"],
    columns: ["metrics.loss", "params.lr"],
    limit: 3,
  });
  expect(total).toBe(50);
  expect(items.map(({ metrics, params, tags }) => ({ metrics, params, tags }))).toEqual(
    [0.4, 0.4, 0.4].map((loss) => ({ metrics: { loss }, params: { lr: "0.1" }, tags: {} })),
  );
});

test("groups tell the number and the spread", async () => {
  const { items, more } = await hub.client.runs.groups({
    experiment_ids: [experiment],
    by: { kind: "param", key: "lr" },
    metric: "loss",
  });
  expect(more).toBe(false);
  expect(items).toHaveLength(10);
  expect(items[0]).toMatchObject({ value: "0.1", runs: 100, min: 0, max: 0.9 });
  expect(items[0]?.mean).toBeCloseTo(0.45);
  const none = await hub.client.runs.groups({
    experiment_ids: [experiment],
    by: { kind: "tag", key: "x' or 1=1 --" },
  });
  expect(none.items).toEqual([{ value: null, runs: 1_000, mean: null, min: null, max: null }]);
});

test.each([
  "metrics.loss <",
  "params.`lr = 1",
  "'); drop table runs; --",
  "attributes.__proto__ = 'x'",
  "metrics.loss < '1' or 1 = 1",
  "\u0000",
  "(".repeat(10_000),
])("a hostile filter is refused in words: %j", async (filter) => {
  const error = await found({ filter }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HearthApiError);
  expect(error).toMatchObject({ status: 400, code: "invalid_request" });
  expect((await found({ limit: 0 })).total).toBe(1_000);
});

test.each([
  { limit: 501 },
  { offset: -1 },
  { experiment_ids: [] },
  { order_by: ["runs.id; --"] },
  { nothing: 1 },
])("a wrong request is refused: %j", async (change) => {
  const answer = await hub.post("/runs/search", { experiment_ids: [experiment], ...change });
  expect(answer.status).toBe(400);
});

test("runs are deleted and restored together or not at all", async () => {
  const { items } = await found({ limit: 2 });
  const ids = items.map(({ id }) => id);
  await expect(hub.client.runs.removeAll([...ids, "unknown"])).rejects.toMatchObject({ status: 404 });
  expect((await found({})).total).toBe(1_000);
  await hub.client.runs.removeAll(ids);
  expect((await found({})).total).toBe(998);
  await hub.client.runs.restoreAll(ids);
  expect((await found({})).total).toBe(1_000);
});

test("experiments: list, search, columns, rename, delete, restore", async () => {
  const { experiments } = hub.client;
  expect((await experiments.list({ search: "TABL" })).items).toMatchObject([
    { id: experiment, name: "table", runs: 1_000, last_run_at: expect.any(String) },
  ]);
  expect((await experiments.list({ search: "%" })).total).toBe(0);
  expect(await experiments.columns(experiment)).toEqual({
    params: ["lr", "model"],
    metrics: ["accuracy", "loss"],
    tags: ["team"],
    runs_read: 1_000,
  });
  const other = await experiments.create("other");
  await expect(experiments.create("other")).rejects.toMatchObject({ status: 409 });
  expect(await experiments.rename(other.id, "renamed")).toMatchObject({ name: "renamed", runs: 0 });
  await experiments.remove(other.id);
  expect((await experiments.list({ stage: "deleted" })).items).toMatchObject([{ name: "renamed" }]);
  await experiments.restore(other.id);
  await expect(experiments.get("404")).rejects.toMatchObject({ status: 404 });
  await expect(experiments.columns("404")).rejects.toMatchObject({ status: 404 });
});
