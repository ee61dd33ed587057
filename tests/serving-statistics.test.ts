import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { enginePid, TestHub } from "./test-hub.ts";

test("figures are those of the answers, and a restart keeps them", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-statistics-"));
  try {
    await using hub = await TestHub.start({ home });
    await hub.addTinyModel();
    const empty = await hub.client.serving.statistics();
    expect(empty).toMatchObject({ window: "1h", bucket_seconds: 60, models: [], total: { requests: 0 } });
    expect(empty.total.ttft_ms).toBeNull();

    const prompt = "the same beginning, which is long enough to be shared";
    const answers = [];
    for (const max_tokens of [2, 20, 40])
      answers.push(await hub.client.inference.run({ model_id: "tiny", prompt, max_tokens, temperature: 0 }));
    const tooLong = { model_id: "tiny", prompt: "word ".repeat(3000) };
    await expect(hub.client.inference.run(tooLong)).rejects.toMatchObject({ status: 400 });

    const { items } = await hub.client.traces.list();
    const statistics = await hub.client.serving.statistics("5m");
    const sum = (values: readonly (number | null)[]): number =>
      values.reduce<number>((total, value) => total + (value ?? 0), 0);
    const [tiny] = statistics.models;
    expect(statistics.models).toHaveLength(1);
    expect(tiny).toMatchObject({
      model: "tiny:1",
      requests: 4,
      ok: 3,
      errors: 1,
      refused: 0,
      cancelled: 0,
      completion_tokens: sum(answers.map(({ tokens }) => tokens)),
      prompt_tokens: sum(items.map(({ prompt_tokens }) => prompt_tokens)),
      cached_tokens: sum(items.map(({ cached_tokens }) => cached_tokens)),
    });
    expect(tiny?.cache_hit_share).toBeGreaterThan(0);
    const middle = answers.map(({ latency_ms }) => latency_ms).toSorted((a, b) => a - b)[1] ?? 0;
    expect(Math.abs((tiny?.latency_ms?.p50 ?? 0) / middle - 1)).toBeLessThan(0.02);
    expect(tiny?.queue_ms?.p95).toBeGreaterThanOrEqual(0);
    expect(tiny?.tokens_per_second).toBeGreaterThan(0);
    expect(sum(tiny?.series.requests ?? [])).toBe(4);
    expect(sum(tiny?.series.completion_tokens ?? [])).toBe(tiny?.completion_tokens);
    expect(tiny?.series.latency_ms_p95.filter((value) => value !== null).length).toBeGreaterThan(0);
    await hub.stop();

    await using again = await TestHub.start({ home });
    // Earlier answers are counted in the background.
    let restored = await again.client.serving.statistics("24h");
    while (restored.total.requests < 4) restored = await again.client.serving.statistics("24h");
    expect(restored.models[0]).toMatchObject({
      model: "tiny:1",
      requests: 4,
      completion_tokens: tiny?.completion_tokens,
      latency_ms: tiny?.latency_ms,
      cache_hit_share: tiny?.cache_hit_share,
      queue_ms: null,
    });
    const refused = await again.fetch("/serving/statistics?window=2d");
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("window");
  } finally {
    await rm(home, { recursive: true });
  }
});

test("who was sent away is counted as refused, not as failed, and the wait is measured", async () => {
  await using hub = await TestHub.start({ env: { HEARTH_SLOTS: "1", HEARTH_MAX_WAITING: "2" } });
  await hub.addTinyModel();
  const ask = async () =>
    (await hub.post("/v1/completions", { model: "tiny", prompt: "a", max_tokens: 100, temperature: 0 }))
      .status;
  const statuses = await Promise.all(Array.from({ length: 8 }, ask));
  const refused = statuses.filter((status) => status === 503).length;
  expect(refused).toBeGreaterThan(0);
  const { total } = await hub.client.serving.statistics();
  expect(total).toMatchObject({ requests: 8, ok: 8 - refused, refused, errors: 0 });
  expect(total.queue_ms?.p95).toBeGreaterThan(0);
});

test("loads, evictions and crashes are told with their reasons, the newest first", async () => {
  await using hub = await TestHub.start({ env: { HEARTH_MEMORY_LIMIT: "270MB" } });
  await hub.addTinyModel("a", 1);
  await hub.addTinyModel("b", 2);
  expect(await hub.client.serving.events()).toEqual([]);
  for (const model_id of ["a", "b"]) await hub.client.inference.run({ model_id, prompt: "x", max_tokens: 1 });
  const [loadedB, evictedA, loadedA] = await hub.client.serving.events();
  expect(loadedA).toMatchObject({ type: "loaded", model: "a:1", made_room_for: null });
  expect(loadedA?.load_ms).toBeGreaterThan(0);
  expect(evictedA).toMatchObject({ type: "evicted", model: "a:1", made_room_for: "b:1", load_ms: null });
  expect(loadedB).toMatchObject({ type: "loaded", model: "b:1" });

  process.kill(await enginePid(hub), "SIGKILL");
  let [last] = await hub.client.serving.events();
  while (last?.type === "loaded") [last] = await hub.client.serving.events();
  expect(last).toMatchObject({ type: "crashed", model: "b:1" });
  expect(last?.message).toMatch(/SIGKILL/);

  await hub.client.models.load("a");
  await hub.client.models.unload("a");
  const [asked] = await hub.client.serving.events();
  expect(asked).toMatchObject({ type: "unloaded", model: "a:1", message: null });
});

test("what is kept on disk of prompts is counted", async () => {
  await using hub = await TestHub.start();
  expect(await hub.client.serving.cache()).toEqual({ stored: 0, bytes: 0, limit_bytes: 4e9 });
  const folder = join(hub.home, "cache", "prefixes", "of-a-model");
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of [
    ["a.state", 1000],
    ["b.state", 500],
    ["b.json", 70],
    ["c.part", 9],
  ] as const)
    await writeFile(join(folder, name), "x".repeat(bytes));
  expect(await hub.client.serving.cache()).toMatchObject({ stored: 2, bytes: 1500 });
});
