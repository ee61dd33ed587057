import { afterAll, afterEach, expect, test } from "vitest";
import { processIdentity } from "../process/identity.ts";
import type { AdapterFile, GenerateEvent, ModelFiles } from "./engine.ts";
import { LlamaEngine } from "./engines/llama/engine.ts";
import {
  EngineBusy,
  GenerationFailed,
  ModelLoadFailed,
  RequestCancelled,
  ResourceExhausted,
} from "./errors.ts";
import { Pool } from "./pool.ts";
import type { PoolEvent, PoolOptions, PoolRequest } from "./pool.ts";
import { nothingSet } from "./serving.ts";
import { adapterFor, TestFolder, tinyModel, tinyShape, unknownFiles } from "./tests/model-fixtures.ts";
import { greedy } from "./verify-export.ts";

const folder = await TestFolder.create();
const one = await tinyModel(folder.file("one.gguf"), 1);
const two = await tinyModel(folder.file("two.gguf"), 2);
const three = await tinyModel(folder.file("three.gguf"), 3);
const adapter = await adapterFor(folder.file("adapter.gguf"), tinyShape, 1);
const files: Record<string, { base: ModelFiles; adapter: AdapterFile | null }> = {
  one: { base: one, adapter: null },
  tuned: { base: one, adapter },
  two: { base: two, adapter: null },
  three: { base: three, adapter: null },
  missing: { base: unknownFiles(folder.file("missing.gguf")), adapter: null },
};
const never = new AbortController().signal;
const pools: Pool[] = [];
/** What one tiny engine is estimated to take, with one context for adapters. */
const tinyBytes = newEngine().estimate(one, { threads: 1, slots: 2, adapterContexts: 1 }).totalBytes;

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool[Symbol.asyncDispose]();
});
afterAll(() => folder[Symbol.asyncDispose]());

function newEngine(): LlamaEngine {
  return new LlamaEngine({
    threads: 1,
    logFile: folder.file("engine.log"),
    codeCacheFolder: folder.file("code"),
  });
}

function newPool(change: Partial<PoolOptions> = {}): { pool: Pool; events: PoolEvent[] } {
  const events: PoolEvent[] = [];
  const pool = new Pool({
    resolve: async (id) => files[id] ?? Promise.reject(new Error(`no version ${id}`)),
    createEngine: newEngine,
    memoryBudgetBytes: 8e9,
    threads: 1,
    slots: 2,
    keepAliveMs: 600_000,
    onEvent: (event) => events.push(event),
    ...change,
  });
  pools.push(pool);
  return { pool, events };
}

function ask(text: string, maxTokens: number | null = 8): PoolRequest {
  return { client: "test", prompt: { kind: "text", text }, maxTokens, stop: [], sampling: greedy };
}

/** Goes on until the context is full. */
function endless(): PoolRequest {
  return { ...ask("go on", null), sampling: { ...greedy, logitBias: new Map([[300, 100]]) } };
}

async function ids(stream: AsyncIterable<GenerateEvent>): Promise<number[]> {
  const found: number[] = [];
  for await (const event of stream) if (event.type === "tokens") found.push(...event.ids);
  return found;
}

async function begun(stream: AsyncIterable<GenerateEvent>): Promise<AsyncIterator<GenerateEvent>> {
  const events = stream[Symbol.asyncIterator]();
  while ((await events.next()).value?.type !== "tokens");
  return events;
}

async function rest(events: AsyncIterator<GenerateEvent>): Promise<void> {
  while ((await events.next()).done !== true);
}

async function bases(pool: Pool): Promise<string[]> {
  return (await pool.status()).engines.map((engine) => engine.base);
}

test("requests that come together load a base once; base and adapter share its engine", async () => {
  const { pool, events } = newPool();
  const all = await Promise.all(
    ["one", "one", "tuned", "one"].map((id) => ids(pool.generate(id, ask("hello there"), never))),
  );
  expect(events.filter((event) => event.type === "loaded")).toHaveLength(1);
  expect(all[1]).toEqual(all[0]);
  expect(all[2]).not.toEqual(all[0]);
  const { engines, usedBytes, active } = await pool.status();
  expect(engines).toMatchObject([
    { base: one.baseSha256, active: 0, waiting: 0, adapters: 1, contextSize: 512 },
  ]);
  expect(engines[0]?.memoryBytes).toBeGreaterThan(20e6);
  expect(usedBytes).toBe(engines[0]?.reservedBytes);
  expect(active).toBe(0);
});

test("without room the longest unused idle base goes, a busy one never", async () => {
  const { pool, events } = newPool({ memoryBudgetBytes: Math.ceil(tinyBytes * 2.5) });
  await ids(pool.generate("one", ask("x"), never));
  await ids(pool.generate("two", ask("x"), never));
  await ids(pool.generate("one", ask("x"), never));
  await ids(pool.generate("three", ask("x"), never));
  expect(await bases(pool)).toEqual([one.baseSha256, three.baseSha256]);
  const running = await Promise.all(["one", "three"].map((id) => begun(pool.generate(id, endless(), never))));
  await expect(ids(pool.generate("two", ask("x"), never))).rejects.toThrow(ResourceExhausted);
  for (const stream of running) await rest(stream);
  await ids(pool.generate("two", ask("x"), never));
  expect((await pool.status()).evictions).toBe(2);
  expect(events.filter((event) => event.type === "unloaded")).toMatchObject([
    { base: two.baseSha256, reason: "evicted" },
    { base: one.baseSha256, reason: "evicted" },
  ]);
});

test("what never fits is refused with the numbers, and counts what others hold", async () => {
  const { pool } = newPool({
    memoryBudgetBytes: tinyBytes * 2,
    otherBytes: () => Math.ceil(tinyBytes * 1.5),
  });
  const refused = ids(pool.generate("one", ask("x"), never));
  await expect(refused).rejects.toMatchObject({
    code: "resource_exhausted",
    details: { needed_bytes: tinyBytes, available_bytes: Math.floor(tinyBytes / 2) },
  });
  expect(await bases(pool)).toEqual([]);
});

test("an unused base is unloaded after its time", async () => {
  const gone = Promise.withResolvers<PoolEvent>();
  const { pool } = newPool({
    keepAliveMs: 30,
    onEvent: (event) => event.type === "unloaded" && gone.resolve(event),
  });
  await ids(pool.generate("one", ask("x"), never));
  expect(await gone.promise).toEqual({ type: "unloaded", base: one.baseSha256, reason: "unused" });
  expect(await bases(pool)).toEqual([]);
});

test("a request says how long its base stays: not at all, or for ever", async () => {
  const gone = Promise.withResolvers<PoolEvent>();
  const { pool } = newPool({
    keepAliveMs: 30,
    onEvent: (event) => event.type === "unloaded" && gone.resolve(event),
  });
  await ids(pool.generate("two", { ...ask("x"), keepAliveMs: Number.POSITIVE_INFINITY }, never));
  expect((await pool.engine(two.baseSha256))?.unloadsAt).toBeNull();
  const running = await begun(pool.generate("one", { ...ask("x", 20), keepAliveMs: 60_000 }, never));
  await ids(pool.generate("one", { ...ask("x", 1), keepAliveMs: 0 }, never));
  expect(await bases(pool)).toContain(one.baseSha256);
  await rest(running);
  expect((await pool.engine(one.baseSha256))?.unloadsAt?.getTime()).toBeGreaterThan(Date.now() + 30_000);
  await ids(pool.generate("one", { ...ask("x", 1), keepAliveMs: 0 }, never));
  expect(await gone.promise).toMatchObject({ base: one.baseSha256, reason: "unused" });
  expect(await bases(pool)).toEqual([two.baseSha256]);
});

test("what is pinned never makes room, and is given up only when somebody asks for it", async () => {
  const { pool } = newPool({ memoryBudgetBytes: Math.ceil(tinyBytes * 2.5) });
  await pool.load("one", never);
  pool.pin(one.baseSha256, true);
  await pool.load("two", never);
  await pool.load("three", never);
  expect(await bases(pool)).toEqual([one.baseSha256, three.baseSha256]);
  pool.pin(three.baseSha256, true);
  await expect(pool.load("two", never)).rejects.toThrow(ResourceExhausted);
  pool.pin(one.baseSha256, false);
  await pool.load("two", never);
  expect(await bases(pool)).toEqual([three.baseSha256, two.baseSha256]);
  await pool.unload(three.baseSha256);
  expect(await bases(pool)).toEqual([two.baseSha256]);
});

test("what is set for a model holds against the hub's own settings; a later load follows a change", async () => {
  let slots = 3;
  const { pool } = newPool({
    contextSize: 256,
    resolve: async () => ({
      base: one,
      adapter: null,
      serving: { ...nothingSet, slots, contextSize: 128, pinned: true },
    }),
  });
  expect(await pool.load("x", never)).toMatchObject({ slots: 3, contextSize: 128 });
  expect(await pool.engine(one.baseSha256)).toMatchObject({ pinned: true, unloadsAt: null });
  slots = 1;
  await pool.unload(one.baseSha256);
  expect(await pool.load("x", never)).toMatchObject({ slots: 1, contextSize: 128 });
});

test("requests that wait when their engine dies are answered by the next one", async () => {
  const { pool } = newPool({ slots: 1 });
  const stream = await begun(pool.generate("one", endless(), never));
  const waiting = [1, 2, 3].map(() => ids(pool.generate("one", ask("x"), never)));
  while ((await pool.status()).waiting < 3);
  process.kill((await pool.status()).engines[0]?.pid ?? 0, "SIGKILL");
  await expect(rest(stream)).rejects.toThrow(GenerationFailed);
  for (const answer of await Promise.all(waiting)) expect(answer.length).toBeGreaterThan(0);
});

test("beyond the waiting line requests are refused with a time to come again", async () => {
  const { pool } = newPool({ maxWaiting: 1 });
  const control = new AbortController();
  const running = await Promise.all([1, 2].map(() => begun(pool.generate("one", endless(), control.signal))));
  const waiting = ids(pool.generate("one", ask("x"), never));
  while ((await pool.status()).waiting === 0);
  const refused = ids(pool.generate("one", ask("x"), never));
  await expect(refused).rejects.toThrow(EngineBusy);
  await expect(refused).rejects.toMatchObject({ details: { retry_after_seconds: expect.any(Number) } });
  expect((await ids(pool.generate("tuned", ask("x"), never))).length).toBeGreaterThan(0);
  control.abort(new Error("enough"));
  for (const stream of running) await expect(rest(stream)).rejects.toThrow(RequestCancelled);
  expect((await waiting).length).toBeGreaterThan(0);
});

test("after a crash the next request gets a fresh engine", async () => {
  const { pool, events } = newPool();
  const stream = await begun(pool.generate("one", endless(), never));
  const [engine] = (await pool.status()).engines;
  process.kill(engine?.pid ?? 0, "SIGKILL");
  await expect(rest(stream)).rejects.toThrow(GenerationFailed);
  expect((await ids(pool.generate("one", ask("again"), never))).length).toBeGreaterThan(0);
  expect((await pool.status()).crashes).toBe(1);
  const types = events.map((event) => event.type).filter((type) => type !== "round");
  expect(types).toEqual(["loaded", "lost", "loaded"]);
});

test("a request that meets a dead process, of which nobody knows yet, is answered by the next one", async () => {
  const { pool } = newPool();
  await ids(pool.generate("one", ask("x"), never));
  const [engine] = (await pool.status()).engines;
  process.kill(engine?.pid ?? 0, "SIGKILL");
  expect((await ids(pool.generate("one", ask("y"), never))).length).toBeGreaterThan(0);
  expect((await pool.status()).crashes).toBe(1);
});

test("a base that ends its process twice while loading is not tried a third time", async () => {
  let loads = 0;
  class Doomed extends LlamaEngine {
    override load(...given: Parameters<LlamaEngine["load"]>): ReturnType<LlamaEngine["load"]> {
      loads += 1;
      const loading = super.load(...given);
      process.kill(this.pid ?? 0, "SIGABRT");
      return loading;
    }
  }
  const { pool } = newPool({
    createEngine: () => new Doomed({ threads: 1, logFile: folder.file("doomed.log") }),
  });
  for (let attempt = 0; attempt < 3; attempt++) {
    await expect(ids(pool.generate("one", ask("x"), never))).rejects.toThrow(ModelLoadFailed);
  }
  expect(loads).toBe(2);
  expect((await pool.status()).quarantined).toMatchObject([{ base: one.baseSha256 }]);
  await pool.unload(one.baseSha256);
  await expect(ids(pool.generate("one", ask("x"), never))).rejects.toThrow(ModelLoadFailed);
  expect(loads).toBe(3);
});

test("a file that cannot be loaded leaves nothing, and others go on", async () => {
  const { pool } = newPool();
  await expect(ids(pool.generate("missing", ask("x"), never))).rejects.toThrow(ModelLoadFailed);
  expect((await pool.status()).engines).toEqual([]);
  expect((await ids(pool.generate("one", ask("x"), never))).length).toBeGreaterThan(0);
});

test("a caller who gives up while the base loads does not spoil it for the others", async () => {
  const { pool } = newPool();
  const control = new AbortController();
  const impatient = ids(pool.generate("one", ask("x"), control.signal));
  const patient = ids(pool.generate("one", ask("x"), never));
  control.abort(new Error("gone"));
  await expect(impatient).rejects.toThrow(RequestCancelled);
  expect((await patient).length).toBeGreaterThan(0);
});

test("verifyExport: the engine's own tokens pass, any other token fails where it stands", async () => {
  const { pool } = newPool();
  const promptTokens = await pool.tokenize("tuned", { kind: "text", text: "a probe" }, never);
  const expectedTokens = await ids(pool.generate("tuned", ask("a probe", 6), never));
  const tuned = files["tuned"] ?? { base: one, adapter };
  const good = await pool.verifyExport(tuned, [{ promptTokens, expectedTokens }], never);
  expect(good).toEqual({ identical: true, tokens: expectedTokens.length, mismatch: null });
  const wrong = expectedTokens.with(2, (expectedTokens[2] ?? 0) + 1);
  const bad = await pool.verifyExport(tuned, [{ promptTokens, expectedTokens: wrong }], never);
  expect(bad.mismatch).toEqual({ probe: 0, position: 2, expected: wrong[2], found: expectedTokens[2] });
  expect(bad.identical).toBe(false);
  expect(await bases(pool)).toEqual([one.baseSha256]);
});

test("a spare engine is used by the first load and made again when nothing is loaded", async () => {
  const made: LlamaEngine[] = [];
  const { pool } = newPool({
    createEngine: () => {
      const engine = newEngine();
      made.push(engine);
      return engine;
    },
  });
  await pool.keepSpare();
  const spare = made[0]?.pid;
  expect(spare).toBeGreaterThan(0);
  await ids(pool.generate("one", ask("x"), never));
  expect((await pool.status()).engines[0]?.pid).toBe(spare);
  expect(made).toHaveLength(1);
  await pool.unload(one.baseSha256);
  expect(made).toHaveLength(2);
});

test("a large base uses the threads that are free when a request begins, a small one always one", async () => {
  const used: number[] = [];
  class Watched extends LlamaEngine {
    override useThreads(threads: number): void {
      used.push(threads);
      super.useThreads(threads);
    }
  }
  let free = 4;
  const { pool } = newPool({
    createEngine: () => new Watched({ threads: 2, logFile: folder.file("watched.log") }),
    resolve: async (id) =>
      id === "large" ? { base: { ...one, bytes: 40e6 }, adapter: null } : { base: two, adapter: null },
    threads: 2,
    freeThreads: () => free,
  });
  const all = [await ids(pool.generate("large", ask("x"), never))];
  free = 0;
  all.push(await ids(pool.generate("large", ask("x"), never)));
  expect(all[1]).toEqual(all[0]);
  await ids(pool.generate("small", ask("x"), never));
  expect(used).toEqual([2, 1, 1]);
});

test("disposing leaves no process behind", async () => {
  const { pool } = newPool();
  const stream = await begun(pool.generate("one", endless(), never));
  const [engine] = (await pool.status()).engines;
  await pool[Symbol.asyncDispose]();
  await expect(rest(stream)).rejects.toThrow(GenerationFailed);
  expect(await processIdentity(engine?.pid ?? 0)).toBeNull();
  await expect(ids(pool.generate("one", ask("x"), never))).rejects.toThrow("stopping");
});
