import { beforeEach, expect, it } from "vitest";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { createRuns, type Runs, type RunSearch } from "./runs.ts";

describeEachDatabase("runs of MLflow's clients", (open) => {
  let runs: Runs;
  let experimentId = "";
  let time = 1000;
  beforeEach(async () => {
    time = 1000;
    runs = createRuns({ database: open().database, user: "ada", now: () => time++ });
    await runs.ensureDefaultExperiment();
    experimentId = await runs.ensureExperiment("tracked");
  });
  const start = async () => (await runs.startRun({ experimentId })).id;
  const search = async (request: Partial<RunSearch>) => {
    const all = { filter: "", orderBy: [], view: "ACTIVE_ONLY", limit: 100, offset: 0 } as const;
    const { runs: lists, more } = await runs.search({ experimentIds: [experimentId], ...all, ...request });
    const found = [];
    for await (const list of lists) found.push(...list);
    return { names: found.map(({ run }) => run.name), found, more };
  };

  it("have a name that is a tag, too: whichever is set, the other follows", async () => {
    const unnamed = await runs.startRun({ experimentId });
    expect(unnamed.name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
    expect(unnamed.tags).toEqual([{ key: "mlflow.runName", value: unnamed.name }]);
    const tagged = await runs.startRun({ experimentId, tags: [{ key: "mlflow.runName", value: "by tag" }] });
    expect(tagged.name).toBe("by tag");
    await runs.setTag(tagged.id, { key: "mlflow.runName", value: "renamed" });
    expect((await runs.readRun(tagged.id)).name).toBe("renamed");
    await runs.changeRun(tagged.id, { name: "again" });
    expect((await runs.readRun(tagged.id)).tags).toEqual([{ key: "mlflow.runName", value: "again" }]);
    await runs.changeRun(tagged.id, { name: "" });
    await runs.setTag(tagged.id, { key: "mlflow.runName", value: "" });
    expect(await runs.readRun(tagged.id)).toMatchObject({
      name: "again",
      tags: [{ key: "mlflow.runName", value: "again" }],
    });
    await expect(
      runs.startRun({ experimentId, name: "one", tags: [{ key: "mlflow.runName", value: "two" }] }),
    ).rejects.toThrow("Both 'run_name' argument and 'mlflow.runName' tag are specified");
  });

  it("take a batch whole or not at all", async () => {
    const id = await start();
    const metrics = [{ key: "m", value: 1, step: 0, timestamp: 1 }];
    const tags = [{ key: "t", value: "1" }];
    await runs.logBatch(id, { metrics, params: [{ key: "p", value: "1" }], tags });
    const changed = {
      metrics: [{ key: "n", value: 1, step: 0, timestamp: 1 }],
      tags: [{ key: "u", value: "1" }],
    };
    await expect(runs.logBatch(id, { ...changed, params: [{ key: "p", value: "2" }] })).rejects.toThrow(
      `Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='${id}'. Attempted logging new value '2'.`,
    );
    const bad = { key: "m", value: 1, step: 0.5, timestamp: 1 };
    await expect(runs.logBatch(id, { ...changed, metrics: [bad], params: [] })).rejects.toThrow(
      "metrics[0].step",
    );
    const run = await runs.readRun(id);
    expect(run.metrics.map(({ key }) => key)).toEqual(["m"]);
    expect(run.tags.map(({ key }) => key)).toEqual(["mlflow.runName", "t"]);
  });

  it("are written by many at once, and nothing of anyone is lost", async () => {
    const id = await start();
    const writers = Array.from({ length: 10 }, (_, writer) => writer);
    await Promise.all(
      writers.flatMap((writer) => [
        runs.logBatch(id, {
          metrics: Array.from({ length: 20 }, (_, step) => ({
            key: "m",
            value: writer,
            step,
            timestamp: writer,
          })),
          params: [{ key: `p${writer}`, value: "x" }],
          tags: [
            { key: "shared", value: String(writer) },
            { key: "mlflow.runName", value: `name ${writer}` },
          ],
        }),
        runs.changeRun(id, { status: "FINISHED", endedAt: writer, name: `changed ${writer}` }),
        runs.logMetric(id, { key: "m", value: 1, step: writer, timestamp: 100 }),
        runs.setTag(id, { key: "mlflow.runName", value: `tagged ${writer}` }),
      ]),
    );
    const run = await runs.readRun(id);
    expect(run.params).toHaveLength(10);
    expect(run.tags).toContainEqual({ key: "mlflow.runName", value: run.name });
    const history = await runs.metricHistory(id, "m", { page: 1, page_size: 1 });
    expect(history.total).toBe(210);
  });

  it("let one of two different values of a parameter win, and tell the other", async () => {
    const id = await start();
    const results = await Promise.allSettled(
      ["1", "2", "3", "4"].map((value) =>
        runs.logBatch(id, { metrics: [], params: [{ key: "p", value }], tags: [] }),
      ),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "conflict" });
    expect((await runs.readRun(id)).params).toHaveLength(1);
  });

  it("refuse batches over the limits", async () => {
    const id = await start();
    const metrics = Array.from({ length: 1001 }, (_, step) => ({ key: "m", value: 1, step, timestamp: 1 }));
    const pairs = Array.from({ length: 101 }, (_, index) => ({ key: `k${index}`, value: "" }));
    const none = { metrics: [], params: [], tags: [] };
    for (const batch of [
      { ...none, metrics },
      { ...none, params: pairs },
      { ...none, tags: pairs },
      { metrics: metrics.slice(0, 950), params: pairs.slice(0, 51), tags: [] },
    ])
      await expect(runs.logBatch(id, batch)).rejects.toThrow("A batch logging request can contain at most");
    const twice = [pairs[0], pairs[0]].map((pair) => ({ key: pair?.key ?? "", value: "x" }));
    await expect(runs.logBatch(id, { ...none, params: twice })).rejects.toThrow("Duplicate parameter keys");
    await runs.logBatch(id, { ...none, tags: [...twice, { key: "k0", value: "last" }] });
    expect((await runs.readRun(id)).tags).toContainEqual({ key: "k0", value: "last" });
  });

  it("cut long values instead of refusing them", async () => {
    const id = await start();
    const value = "ä".repeat(9000);
    await runs.logBatch(id, { metrics: [], params: [{ key: "p", value }], tags: [{ key: "t", value }] });
    // The same again is still the same.
    await runs.logParams(id, { p: value });
    const run = await runs.readRun(id);
    expect(run.params[0]?.value).toHaveLength(6000);
    expect(run.tags.find(({ key }) => key === "t")?.value).toHaveLength(8000);
  });

  it("are read-only while they are deleted", async () => {
    const id = await start();
    await runs.deleteRun(id);
    await runs.deleteRun(id);
    const message = `The run ${id} must be in the 'active' state. Current state is deleted.`;
    const batch = { metrics: [], params: [], tags: [] };
    for (const write of [
      () => runs.logMetric(id, { key: "m", value: 1, step: 0, timestamp: 1 }),
      () => runs.logBatch(id, batch),
      () => runs.setTag(id, { key: "t", value: "1" }),
      () => runs.deleteTag(id, "mlflow.runName"),
      () => runs.changeRun(id, { status: "FINISHED" }),
      () => runs.logInputs(id, { datasets: [], models: [] }),
    ])
      await expect(write()).rejects.toThrow(message);
    expect((await search({})).names).toEqual([]);
    expect((await search({ view: "DELETED_ONLY" })).found).toHaveLength(1);
    // What the hub itself has begun ends, whoever deletes its run.
    await runs.finishRun(id, "FAILED");
    expect(await runs.readRun(id)).toMatchObject({ status: "FAILED", lifecycleStage: "deleted" });
    await runs.restoreRun(id);
    await runs.setTag(id, { key: "t", value: "1" });
    await runs.deleteTag(id, "t");
    await expect(runs.deleteTag(id, "t")).rejects.toMatchObject({ code: "not_found" });
  });

  it("come as text that says the same as the objects", async () => {
    const id = await start();
    await runs.logBatch(id, {
      metrics: [
        { key: "a", value: 0.1 + 0.2, step: -3, timestamp: 7 },
        { key: "nan", value: Number.NaN, step: 1, timestamp: 2 },
        { key: "inf", value: Infinity, step: 1, timestamp: 2 },
      ],
      params: [{ key: "quoted", value: `"\\ \n \u{1F600} ' ,` }],
      tags: [{ key: "json", value: `{"a":[1]}` }],
    });
    const run = await runs.readRun(id);
    const text = await runs.readRunText(id);
    const parse = (list: string): { key: string; value: unknown }[] => JSON.parse(list);
    const byKey = (list: readonly { key: string }[]) => list.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    expect(byKey(parse(text.params))).toEqual(run.params.map(({ key, value }) => ({ key, value })));
    expect(byKey(parse(text.tags))).toEqual(byKey(run.tags.map(({ key, value }) => ({ key, value }))));
    expect(byKey(parse(text.metrics))).toEqual([
      { key: "a", value: 0.30000000000000004, timestamp: 7, step: -3 },
      { key: "inf", value: Number.MAX_VALUE, timestamp: 2, step: 1 },
      { key: "nan", value: "NaN", timestamp: 2, step: 1 },
    ]);
  });

  it("are searched page by page, the newest first", async () => {
    for (let index = 0; index < 5; index++) {
      const { id } = await runs.startRun({ experimentId, name: `r${index}`, startedAt: 100 + index });
      const metrics = [
        { key: "loss", value: index === 4 ? Number.NaN : (index * 7) % 5, step: 0, timestamp: 1 },
      ];
      await runs.logBatch(id, { metrics, params: [{ key: "odd", value: String(index % 2) }], tags: [] });
    }
    expect((await search({})).names).toEqual(["r4", "r3", "r2", "r1", "r0"]);
    expect(await search({ limit: 2, offset: 1 })).toMatchObject({ names: ["r3", "r2"], more: true });
    expect(await search({ limit: 2, offset: 3 })).toMatchObject({ names: ["r1", "r0"], more: false });
    expect((await search({ filter: "params.odd = '1' AND metrics.loss < 2" })).names).toEqual(["r3"]);
    expect((await search({ orderBy: ["metrics.loss DESC"] })).names).toEqual([
      // Losses 4, 2, 1, 0 and NaN.
      "r2",
      "r1",
      "r3",
      "r0",
      "r4",
    ]);
    expect((await search({ experimentIds: [] })).names).toEqual([]);
    expect((await search({ experimentIds: ["0"] })).names).toEqual([]);
  });

  it("note data once for all runs that read it, and what each reads it for", async () => {
    const [one, two] = [await start(), await start()];
    const dataset = {
      name: "mails",
      digest: "abc",
      sourceType: "local",
      source: "{}",
      schema: null,
      profile: null,
      tags: [{ key: "mlflow.data.context", value: "training" }],
    };
    await runs.logInputs(one, { datasets: [dataset, dataset], models: ["m-1", "m-1"] });
    await runs.logInputs(one, { datasets: [dataset], models: [] });
    await runs.logInputs(two, { datasets: [{ ...dataset, tags: [] }], models: [] });
    await runs.logOutputs(one, [{ modelId: "m-2", step: 3 }]);
    expect(await runs.readRun(one)).toMatchObject({
      datasetInputs: [dataset],
      modelInputs: ["m-1"],
      modelOutputs: [{ modelId: "m-2", step: 3 }],
    });
    const used = { experimentId, name: "mails", digest: "abc" };
    const found = await runs.usedDatasets([experimentId]);
    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([
        { ...used, context: "training" },
        { ...used, context: null },
      ]),
    );
    const context = await search({ filter: "datasets.context = 'training'" });
    expect(context.found.map(({ run }) => run.id)).toEqual([one]);
    await expect(
      runs.logInputs(one, { datasets: [{ ...dataset, digest: "x".repeat(37) }], models: [] }),
    ).rejects.toThrow("'digest' exceeds the maximum length of 36 characters");
  });

  it("keep the models of clients before MLflow 3 in a tag that stays JSON", async () => {
    const id = await start();
    for (let index = 0; index < 40; index++)
      await runs.recordModel(id, { artifact_path: `model ${index}`, flavors: { python: "x".repeat(300) } });
    const value = (await runs.readRun(id)).tags.find(({ key }) => key === "mlflow.log-model.history")?.value;
    const models: { artifact_path: string }[] = JSON.parse(value ?? "[]");
    expect(models.at(-1)).toMatchObject({ artifact_path: "model 39" });
    expect(models.length).toBeLessThan(40);
  });

  it("give histories as text, whole or from a point on", async () => {
    const id = await start();
    const points = Array.from({ length: 4500 }, (_, index) => ({
      key: "m",
      value: index % 3 === 0 ? Number.NaN : index / 7,
      step: 4500 - index,
      timestamp: Math.floor(index / 3),
    }));
    await runs.logMetrics(id, points);
    const read = async (request: { offset?: number; limit?: number; withRun?: boolean }) => {
      const texts = [];
      let counted = 0;
      for await (const { text, count } of runs.historyTexts({ runId: id, key: "m", ...request })) {
        texts.push(text);
        counted += count;
      }
      const found: { value: number | string; step: number; run_id?: string }[] = JSON.parse(
        `[${texts.join(",")}]`,
      );
      expect(counted).toBe(found.length);
      return found;
    };
    const all = await read({});
    const { items } = await runs.metricHistory(id, "m", { page: 1, page_size: 5000 });
    expect(all.map(({ step, value }) => [step, value === "NaN" ? null : value])).toEqual(
      items.map(({ step, value }) => [step, value]),
    );
    for (const [offset, limit] of [
      [0, 1],
      [1999, 2],
      [2000, 2001],
      [4499, 5],
      [4500, 5],
    ] as const)
      expect(await read({ offset, limit })).toEqual(all.slice(offset, offset + limit));
    expect((await read({ limit: 1, withRun: true }))[0]).toMatchObject({ run_id: id });
    expect(await runs.historyPage(id, "m", { limit: 2, offset: 4498 })).toMatchObject({ more: false });
    expect(await runs.historyPage(id, "m", { limit: 2, offset: 4497 })).toMatchObject({ more: true });
    expect(await runs.historyPage(id, "other", { limit: 2, offset: 0 })).toEqual({ points: [], more: false });
  });

  it("show where the hub's own runs come from", async () => {
    const { id } = await runs.createRun({ experimentId, kind: "training", tags: { mine: "1" } });
    const run = await runs.readRun(id);
    expect(run.userId).toBe("ada");
    expect(Object.fromEntries(run.tags.map(({ key, value }) => [key, value]))).toMatchObject({
      mine: "1",
      "mlflow.user": "ada",
      "mlflow.source.type": "JOB",
      "mlflow.source.name": "hearth training",
    });
  });
});
