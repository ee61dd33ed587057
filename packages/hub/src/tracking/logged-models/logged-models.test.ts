import { expect, it } from "vitest";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import { createRuns } from "../runs.ts";
import { createLoggedModels, type LoggedModel, type ModelSearch } from "./logged-models.ts";

const everything = { filter: "", datasets: [], orderBy: [], limit: 50, offset: 0 } satisfies Omit<
  ModelSearch,
  "experimentIds"
>;

describeEachDatabase("logged models", (open) => {
  const setUp = async () => {
    const { database } = open();
    let time = 1000;
    const runs = createRuns({ database });
    const models = createLoggedModels({ database, now: () => (time += 1) });
    const experimentId = await runs.experiments.create({ name: "models" });
    const run = await runs.startRun({ experimentId });
    const make = (name: string, more: { params?: string; tag?: string } = {}) =>
      models.create({
        experimentId,
        name,
        sourceRunId: run.id,
        params: more.params === undefined ? [] : [{ key: "depth", value: more.params }],
        tags: more.tag === undefined ? [] : [{ key: "odd", value: more.tag }],
      });
    const names = async (search: Partial<ModelSearch>) =>
      (await models.search({ experimentIds: [experimentId], ...everything, ...search })).models
        .map(({ name }) => name)
        .join(" ");
    return { database, runs, models, experimentId, run, make, names };
  };

  it("begin as pending, get their parts, and become ready", async () => {
    const { models, experimentId, run, make } = await setUp();
    const model = await make("net", { params: "3", tag: "1" });
    expect(model.id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(model).toMatchObject({
      experimentId,
      name: "net",
      status: "PENDING",
      sourceRunId: run.id,
      artifactUri: `mlflow-artifacts:/${experimentId}/models/${model.id}/artifacts`,
      params: [{ key: "depth", value: "3" }],
      tags: [{ key: "odd", value: "1" }],
      metrics: [],
    });
    await models.setTags(model.id, [
      { key: "odd", value: "first" },
      { key: "odd", value: "last" },
      { key: "b", value: "2\0" },
    ]);
    await models.deleteTag(model.id, "b");
    await expect(models.deleteTag(model.id, "b")).rejects.toMatchObject({ code: "not_found" });
    await models.logParams(model.id, [
      { key: "depth", value: "3" },
      { key: "more", value: "x" },
    ]);
    await expect(models.logParams(model.id, [{ key: "depth", value: "4" }])).rejects.toMatchObject({
      code: "conflict",
      details: { mlflow_code: "INVALID_PARAMETER_VALUE" },
    });
    const ready = await models.setStatus(model.id, "READY");
    expect(ready).toMatchObject({
      status: "READY",
      tags: [{ key: "odd", value: "last" }],
      params: [
        { key: "depth", value: "3" },
        { key: "more", value: "x" },
      ],
    });
    expect(ready.updatedAt).toBeGreaterThan(ready.createdAt);
    expect(await models.get(model.id)).toEqual(ready);
  });

  it("are not found once they are deleted, unless deleted ones are asked for", async () => {
    const { models, make, names } = await setUp();
    const { id } = await make("gone");
    await models.remove(id);
    await expect(models.get(id)).rejects.toThrow(`Logged model with ID '${id}' not found.`);
    expect(await models.get(id, { deletedToo: true })).toMatchObject({
      name: "gone",
      lifecycleStage: "deleted",
    });
    expect(await names({})).toBe("");
    const unknown = `m-${"0".repeat(32)}`;
    for (const work of [
      () => models.get(unknown),
      () => models.remove(unknown),
      () => models.setStatus(unknown, "READY"),
    ])
      await expect(work()).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuse names that no URI can hold, and experiments that are not there", async () => {
    const { models, runs, experimentId } = await setUp();
    const elsewhere = await runs.experiments.create({
      name: "elsewhere",
      artifactLocation: "s3://bucket/a?x=1",
    });
    const far = await models.create({ experimentId: elsewhere, name: "far", params: [], tags: [] });
    expect(far.artifactUri).toBe(`s3://bucket/a/models/${far.id}/artifacts?x=1`);
    const create = (experiment: string, name: string | undefined) =>
      models.create({ experimentId: experiment, name, params: [], tags: [] });
    for (const name of ["a/b", "a:b", "a.b", "50%", `"`, "'", ""])
      await expect(create(experimentId, name)).rejects.toThrow("Invalid model name");
    await expect(create("987654", "x")).rejects.toMatchObject({ code: "not_found" });
    expect((await create(experimentId, undefined)).name).toMatch(/^\w+-\w+-\d+$/);
    await runs.experiments.remove(experimentId);
    await expect(create(experimentId, "x")).rejects.toThrow("must be in the 'active' state");
  });

  it("keep what runs measure of them, with the data it was measured with", async () => {
    const { models, runs, run, make } = await setUp();
    const { id } = await make("measured");
    const point = { key: "score", step: 1, timestamp: 7, modelId: id };
    const data = { datasetName: "iris", datasetDigest: "abc" };
    await runs.logBatch(run.id, {
      metrics: [
        { ...point, value: 0.5 },
        { ...point, value: Number.NaN, step: 2, ...data },
        { key: "only of the run", value: 1, step: 0, timestamp: 1 },
      ],
      params: [],
      tags: [],
    });
    // Sent again, as after a lost answer.
    await runs.logBatch(run.id, { metrics: [{ ...point, value: 0.5 }], params: [], tags: [] });
    const common = { key: "score", modelId: id, runId: run.id, timestamp: 7 };
    expect((await models.get(id)).metrics).toEqual([
      { ...common, value: 0.5, step: 1, datasetName: null, datasetDigest: null },
      { ...common, value: Number.NaN, step: 2, ...data },
    ]);
    expect((await runs.readRun(run.id)).metrics.map(({ key }) => key)).toEqual(["only of the run", "score"]);
    const lost = { metrics: [{ ...point, value: 1, step: 9, modelId: "m-none" }], params: [], tags: [] };
    await expect(runs.logBatch(run.id, lost)).rejects.toMatchObject({ code: "not_found" });
    expect((await models.get(id)).metrics).toHaveLength(2);
  });

  it("are found by what is said of them, in the order that is asked for", async () => {
    const { models, runs, run, make, names, experimentId } = await setUp();
    const made: LoggedModel[] = [];
    for (const [index, name] of ["x", "y", "z"].entries()) {
      const model = await make(name, { params: String(index), tag: String(index % 2) });
      made.push(model);
      const common = { key: "score", modelId: model.id };
      await runs.logBatch(run.id, {
        metrics: [
          { ...common, value: index / 4, step: 1, timestamp: 10, datasetName: "a", datasetDigest: "1" },
          { ...common, value: -index, step: 1, timestamp: 5, datasetName: "b", datasetDigest: "2" },
        ],
        params: [],
        tags: [],
      });
    }
    await make("w");
    expect(await names({})).toBe("w z y x");
    expect(await names({ filter: "name = 'x'" })).toBe("x");
    expect(await names({ filter: "params.depth != '2' AND tags.odd = '0'" })).toBe("x");
    expect(await names({ filter: "metrics.score > 0.1" })).toBe("z y");
    expect(await names({ filter: "metrics.score > 0.1", datasets: [{ name: "b" }] })).toBe("");
    expect(await names({ filter: "metrics.score < 0", datasets: [{ name: "b", digest: "2" }] })).toBe("z y");
    expect(await names({ datasets: [{ name: "a", digest: "other" }] })).toBe("");
    expect(await names({ datasets: [{ name: "a" }] })).toBe("z y x");
    expect(await names({ orderBy: [{ field: "metrics.score", ascending: false }] })).toBe("z y x w");
    const onB = { field: "metrics.score", ascending: false, dataset: { name: "b" } };
    expect(await names({ orderBy: [onB] })).toBe("x y z w");
    expect(await names({ orderBy: [{ field: "creation_time", ascending: true }] })).toBe("x y z w");
    expect(await names({ limit: 2, offset: 2 })).toBe("y x");
    const page = await models.search({ experimentIds: [experimentId], ...everything, limit: 3 });
    expect([page.models.length, page.more]).toEqual([3, true]);
    expect(await names({ experimentIds: ["other"] })).toBe("");
    for (const search of [
      { filter: "name ==" },
      { filter: "colour = 'x'" },
      { filter: "metrics.score > 'x'" },
      { orderBy: [{ field: "colour", ascending: true }] },
      { orderBy: [{ field: "params.depth", ascending: true }] },
      { datasets: [{ name: "" }] },
    ])
      await expect(names(search)).rejects.toMatchObject({ code: "invalid_request" });
    expect(made).toHaveLength(3);
  });
});
