import type { ServedModelState } from "@hearth/wire/hub/serving";
import { expect, test } from "vitest";
import { hearth } from "./command-line.ts";
import { TestHub } from "./test-hub.ts";

async function state(answer: Promise<Response>): Promise<ServedModelState> {
  const response = await answer;
  expect(response.status).toBe(200);
  return (await response.json()) as ServedModelState;
}

test("load, pin, unpin and unload by any reference; the status shows it", async () => {
  await using hub = await TestHub.start({ env: { HEARTH_SLOTS: "2" } });
  await hub.addTinyModel();
  const first = await state(hub.post("/api/models/tiny:1/load", { keep_alive: "1h" }));
  expect(first).toMatchObject({ model: "tiny:1", base: "tiny:1", pinned: false, engine: { slots: 2 } });
  expect(Date.parse(first.engine?.unloads_at ?? "")).toBeGreaterThan(Date.now() + 3_000_000);
  const forever = await state(hub.post("/models/tiny/load", { keep_alive: -1 }));
  expect(forever.engine).toMatchObject({ unloads_at: null, pid: first.engine?.pid });
  const pinned = await state(hub.post("/models/tiny/pin", {}));
  expect(pinned).toMatchObject({ pinned: true, engine: { pinned: true, active: 0 } });
  expect((await hub.client.status()).engines).toMatchObject([
    { base: "tiny:1", pinned: true, slots: 2, context: 512, kv_cache_type: "f16", waiting: 0 },
  ]);
  expect(await state(hub.post("/models/tiny/unpin", {}))).toMatchObject({
    pinned: false,
    engine: { pinned: false, unloads_at: expect.any(String) },
  });
  expect(await state(hub.post("/models/tiny/unload", {}))).toMatchObject({ engine: null });
  expect((await hub.client.health()).engines).toEqual([]);
  const wrong = await hub.post("/models/tiny/load", { keep_alive: "5 minutes" });
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain("keep_alive");
  expect((await hub.post("/models/nobody/load", {})).status).toBe(404);
});

test("a busy model is unloaded only by force; keep_alive 0 unloads at once", async () => {
  await using hub = await TestHub.start();
  await hub.addTinyModel();
  const stream = hub.client.inference.stream({
    model_id: "tiny",
    prompt: "abc",
    max_tokens: 450,
    temperature: 0,
  });
  await stream.next();
  const refused = await hub.post("/models/tiny/unload", {});
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ error: { code: "conflict", details: { active: 1 } } });
  expect(await state(hub.post("/models/tiny/unload", { force: true }))).toMatchObject({ engine: null });
  await expect(
    (async () => {
      for await (const text of stream) void text;
    })(),
  ).rejects.toThrow("unloaded");
  await hub.post("/inference", { model_id: "tiny", prompt: "abc", max_tokens: 1, keep_alive: 0 });
  while ((await hub.client.health()).engines.length > 0);
  expect(await hub.client.metrics()).toContain("hearth_engines_loaded 0");
});

test("what is set for a model is kept, and followed by the next load, also after a restart", async () => {
  await using hub = await TestHub.start();
  await hub.addTinyModel();
  const change = { serving: { slots: 3, context: 128, keep_alive: "10m" } };
  const changed = await hub.fetch("/models/tiny", {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });
  expect(await changed.json()).toMatchObject({
    serving: { slots: 3, context: 128, threads: null, kv_cache_type: null, keep_alive: "10m", pinned: false },
  });
  expect((await hub.client.models.load("tiny")).engine).toMatchObject({ slots: 3, context: 128 });
  await hub.client.models.pin("tiny");
  expect((await hub.client.models.update("tiny", { serving: { slots: null } })).serving).toMatchObject({
    slots: null,
    context: 128,
    pinned: true,
  });
  await hub.stop();
  await using again = await TestHub.start({ home: hub.home });
  let { engines } = await again.client.health();
  while (engines[0]?.context !== 128) ({ engines } = await again.client.health());
  expect(engines[0]?.slots).toBeGreaterThan(3);
  expect(engines[0]?.pinned).toBe(true);
  await again.client.models.create({ name: "tuned", base_model: "tiny" });
  await expect(again.client.models.update("tuned", { serving: { slots: 2 } })).rejects.toMatchObject({
    status: 400,
    details: { field: "serving", base_model: "tiny" },
  });
  for (const wrong of [
    { slots: 0 },
    { slots: 1e9 },
    { context: "many" },
    { kv_cache_type: "q4" },
    { lots: 1 },
  ])
    await expect(
      again.client.models.update("tiny", { serving: wrong } as Parameters<
        typeof again.client.models.update
      >[1]),
    ).rejects.toMatchObject({ status: 400 });
});

test("the command line loads, pins, unpins and unloads", async () => {
  await using hub = await TestHub.start();
  await hub.addTinyModel();
  const run = (...args: string[]) => hearth([...args, "--url", hub.url]);
  expect((await run("models", "load", "tiny", "--keep-alive", "2h")).stdout).toMatch(
    /tiny:1 is loaded: .* slots, context 512, until /,
  );
  expect((await run("models", "pin", "tiny")).stdout).toMatch(/pinned/);
  expect((await run("status")).stdout).toMatch(/tiny:1 .*pinned/);
  expect((await run("models", "unpin", "tiny")).stdout).toMatch(/until/);
  expect((await run("models", "unload", "tiny")).stdout).toMatch(/tiny:1 is not loaded/);
});
