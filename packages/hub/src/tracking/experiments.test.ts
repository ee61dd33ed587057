import { beforeEach, expect, it } from "vitest";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import type { ExperimentSearch } from "./search-experiments.ts";
import { createRuns, type Experiments, type Runs } from "./runs.ts";

describeEachDatabase("experiments", (open) => {
  let runs: Runs;
  let experiments: Experiments;
  let time = 1000;
  beforeEach(async () => {
    time = 1000;
    runs = createRuns({ database: open().database, now: () => time++ });
    ({ experiments } = runs);
    await experiments.ensureDefault();
  });
  const names = async (search: Partial<ExperimentSearch>) => {
    const all = { filter: "", orderBy: [], view: "ACTIVE_ONLY", limit: 100, offset: 0 } as const;
    const { experiments: found, more } = await experiments.search({ ...all, ...search });
    return [...found.map(({ name }) => name), ...(more ? ["…"] : [])];
  };

  it("count upwards from the default one and keep what they are made with", async () => {
    await experiments.ensureDefault();
    const first = await experiments.create({ name: "first", tags: [{ key: "team", value: "vision" }] });
    const second = await experiments.create({ name: "second", artifactLocation: "s3://bucket/place?x=1" });
    expect([first, second]).toEqual(["1", "2"]);
    expect(await experiments.get("0")).toMatchObject({
      name: "Default",
      artifactLocation: "mlflow-artifacts:/0",
    });
    expect(await experiments.get("1")).toMatchObject({
      name: "first",
      lifecycleStage: "active",
      tags: [{ key: "team", value: "vision" }],
    });
    expect(await experiments.findByName("second")).toMatchObject({
      artifactLocation: "s3://bucket/place?x=1",
    });
    const run = await runs.startRun({ experimentId: second });
    expect(run.artifactUri).toBe(`s3://bucket/place/${run.id}/artifacts?x=1`);
  });

  it("have names that are unique, also against deleted ones", async () => {
    const id = await experiments.create({ name: "same" });
    await expect(experiments.create({ name: "same" })).rejects.toMatchObject({ code: "conflict" });
    await experiments.remove(id);
    await expect(experiments.create({ name: "same" })).rejects.toMatchObject({ code: "conflict" });
    const other = await experiments.create({ name: "other" });
    await expect(experiments.rename(other, "same")).rejects.toMatchObject({ code: "conflict" });
    await experiments.rename(other, "renamed");
    expect((await experiments.get(other)).name).toBe("renamed");
  });

  it("are made by many at once, each with an id of its own", async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, i) => experiments.create({ name: `many ${i}` })),
    );
    expect(new Set(ids).size).toBe(8);
  });

  it("take their runs with them and bring them back", async () => {
    const id = await experiments.create({ name: "doomed" });
    const run = await runs.startRun({ experimentId: id });
    await experiments.remove(id);
    expect(await runs.readRun(run.id)).toMatchObject({ lifecycleStage: "deleted" });
    await expect(runs.startRun({ experimentId: id })).rejects.toThrow(
      `The experiment ${id} must be in the 'active' state. Current state is deleted.`,
    );
    await expect(experiments.setTag(id, { key: "a", value: "b" })).rejects.toThrow("'active' state");
    await expect(experiments.rename(id, "new")).rejects.toThrow("non-active");
    await expect(experiments.remove(id)).rejects.toMatchObject({ code: "not_found" });
    await experiments.restore(id);
    await expect(experiments.restore(id)).rejects.toMatchObject({ code: "not_found" });
    expect(await runs.readRun(run.id)).toMatchObject({ lifecycleStage: "active" });
  });

  it("keep tags, the last value of a key", async () => {
    const id = await experiments.create({ name: "tagged" });
    await experiments.setTag(id, { key: "a", value: "1" });
    await experiments.setTag(id, { key: "a", value: "2" });
    expect((await experiments.get(id)).tags).toEqual([{ key: "a", value: "2" }]);
    await experiments.deleteTag(id, "a");
    await expect(experiments.deleteTag(id, "a")).rejects.toMatchObject({ code: "not_found" });
    await expect(experiments.setTag(id, { key: "a", value: "x".repeat(20_001) })).rejects.toThrow("20000");
  });

  it("are found by name, tag and time, page by page", async () => {
    for (const name of ["apple", "Apple pie", "pear"]) {
      const id = await experiments.create({ name });
      await experiments.setTag(id, { key: "length", value: String(name.length) });
    }
    await experiments.remove((await experiments.findByName("pear"))?.id ?? "");
    expect(await names({})).toEqual(["Apple pie", "apple", "Default"]);
    expect(await names({ view: "DELETED_ONLY" })).toEqual(["pear"]);
    expect(await names({ view: "ALL", orderBy: ["name ASC"] })).toEqual([
      "Apple pie",
      "Default",
      "apple",
      "pear",
    ]);
    expect(await names({ filter: "name LIKE 'a%'" })).toEqual(["apple"]);
    expect(await names({ filter: "name ILIKE 'a%'" })).toEqual(["Apple pie", "apple"]);
    expect(await names({ filter: "tags.length = '5'" })).toEqual(["apple"]);
    expect(await names({ limit: 1 })).toEqual(["Apple pie", "…"]);
    expect(await names({ limit: 1, offset: 2 })).toEqual(["Default"]);
    await expect(names({ filter: "color = 'red'" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("are ordered by their ids as by numbers", async () => {
    for (let index = 1; index <= 11; index++) await experiments.create({ name: `e${index}` });
    const found = await names({ orderBy: ["experiment_id ASC"] });
    expect([...found.slice(0, 3), ...found.slice(-2)]).toEqual(["Default", "e1", "e2", "e10", "e11"]);
    expect((await names({ orderBy: ["experiment_id DESC"] })).slice(0, 3)).toEqual(["e11", "e10", "e9"]);
  });

  it("refuse names, places and ids that cannot be", async () => {
    await expect(experiments.create({ name: "" })).rejects.toThrow("Invalid experiment name: ''");
    await expect(experiments.create({ name: "x".repeat(501) })).rejects.toThrow("500");
    for (const artifactLocation of ["runs:/abc", "s3://b/../c", "s3://b/%2e%2e/c"])
      await expect(experiments.create({ name: "n", artifactLocation })).rejects.toThrow(/artifact.location/i);
    await expect(experiments.get("999")).rejects.toThrow("No Experiment with id=999 exists");
    await expect(experiments.get("no id")).rejects.toThrow("Experiment ID must be a valid integer");
  });
});
