import { appendFile, chmod, rm } from "node:fs/promises";
import { HearthApiError } from "@hearth/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel("one", 1);
  await hub.addTinyModel("two", 2);
});
afterAll(() => hub[Symbol.asyncDispose]());

test("what a load would take is told without loading, and is what it takes then", async () => {
  const { models } = hub.client;
  const before = await models.memory("one", 1);
  expect(before).toMatchObject({ model: "one:1", base: "one:1", loaded: false, refusal: null, evicts: [] });
  expect(before.total_bytes).toBe(before.weights_bytes + before.kv_cache_bytes + before.compute_bytes);
  expect(before.adapter_bytes).toBeGreaterThan(0);
  expect(before.adapter_bytes * before.adapters).toBeLessThan(before.total_bytes);
  expect((await hub.client.health()).engines).toEqual([]);
  await models.load("one:1");
  const after = await models.memory("one", 1);
  expect(after).toEqual({ ...before, loaded: true, used_bytes: before.used_bytes + before.total_bytes });
  expect((await hub.client.health()).engines[0]?.reserved_bytes).toBe(before.total_bytes);
  await models.unload("one:1");
});

test("what has to go for a load is named, and so is why it cannot be", async () => {
  const probe = await hub.client.models.memory("one", 1);
  const smallest = probe.total_bytes - probe.adapter_bytes * (probe.adapters - 1);
  await using small = await TestHub.start({
    // Room for one of them, and not for two.
    env: { HEARTH_MEMORY_LIMIT: String(Math.ceil(smallest * 1.5)) },
  });
  await small.addTinyModel("one", 1);
  await small.addTinyModel("two", 2);
  const { models } = small.client;
  await models.load("one:1");
  const second = await models.memory("two", 1);
  expect(second).toMatchObject({ loaded: false, refusal: null, evicts: [{ base: "one:1" }] });
  expect(second.used_bytes).toBe(second.evicts[0]?.reserved_bytes);
  await models.pin("one:1");
  const refused = await models.memory("two", 1);
  expect(refused).toMatchObject({ evicts: [] });
  expect(refused.refusal).toContain("memory");
  await expect(models.load("two:1")).rejects.toThrow(refused.refusal ?? "nothing");
});

test("the files of a version are listed with their sizes, and a changed or missing one is found", async () => {
  const { models } = hub.client;
  const { items } = await models.files("two", 1);
  const version = await models.version("two", 1);
  expect(items).toEqual([{ file: "model.gguf", sha256: version.sha256, bytes: expect.any(Number) }]);
  expect(await models.verify("two", 1)).toEqual({ ok: true, files: 1, problems: [] });
  const path = version.artifact_path ?? "";
  await chmod(path, 0o600);
  await appendFile(path, "!");
  const changed = await models.verify("two", 1);
  expect(changed).toMatchObject({ ok: false, problems: [expect.stringContaining("model.gguf has changed")] });
  await rm(path);
  expect(await models.files("two", 1)).toMatchObject({ items: [{ bytes: null }] });
  const missing = await models.verify("two", 1);
  expect(missing).toMatchObject({ ok: false, problems: ["model.gguf cannot be read (ENOENT)."] });
});

test("models are found by name, description and base, in any case, beyond the first page", async () => {
  const { models } = hub.client;
  await models.create({ name: "Needle", description: "Finds 100%_ of it", base_model: "one" });
  const names = async (search: string) =>
    (await models.list({ search, pageSize: 200 })).items.map(({ name }) => name);
  expect(await names("needle")).toEqual(["Needle"]);
  expect(await names("100%_ OF")).toEqual(["Needle"]);
  expect(await names("one")).toEqual(["Needle", "one"]);
  expect(await names("%")).toEqual(["Needle"]);
  expect(await models.list({ search: "one", page: 2, pageSize: 1 })).toMatchObject({
    total: 2,
    items: [{ name: "one" }],
  });
  expect(await models.list({ search: "nothing like it" })).toMatchObject({ total: 0, items: [] });
  await expect(models.list({ search: "a\0" })).rejects.toBeInstanceOf(HearthApiError);
});

test("evaluations are listed of one version", async () => {
  const { client } = hub;
  await client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  await hub.addTinyModel("three", 3);
  for (const model of ["one:1", "three:1"])
    await client.evaluations.run({ model, dataset: "colours", limit: 1 });
  const { id } = await client.models.version("three", 1);
  expect(await client.evaluations.list({ versionId: id })).toMatchObject({
    total: 1,
    items: [{ model: "three", version: 1 }],
  });
  expect((await client.evaluations.list()).total).toBe(2);
});
