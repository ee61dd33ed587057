import { afterAll, expect, test } from "vitest";
import { makeRandomModel } from "../../../../../../bench/models/random-model.ts";
import type { GenerateRequest } from "../../engine.ts";
import { begun, never, request, rest } from "../../tests/asking.ts";
import { modelFiles, TestFolder, tinyShape } from "../../tests/model-fixtures.ts";
import { greedy } from "../../verify-export.ts";
import { LlamaEngine } from "./engine.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());

const context = 6144;
const chunk = 64;

async function loaded(): Promise<LlamaEngine> {
  const path = folder.file("long.gguf");
  await makeRandomModel(path, { preset: { ...tinyShape, context }, type: "Q8_0", seed: 1 });
  const engine = new LlamaEngine({ threads: 1, logFile: folder.file("engine.log") });
  await engine.load(await modelFiles(path), { threads: 1, slots: 4, contextSize: context }, never);
  return engine;
}

async function endless(engine: LlamaEngine): Promise<GenerateRequest> {
  const [token = -1] = await engine.tokenize({ kind: "text", text: "a" }, never);
  return request("go on", { maxTokens: null, sampling: { ...greedy, logitBias: new Map([[token, 100]]) } });
}

test("a prompt of 4,000 tokens stalls nobody: an answer goes on with each piece, a short question comes in between", async () => {
  await using engine = await loaded();
  const [word = 0] = await engine.tokenize({ kind: "text", text: "a" }, never);
  const prompt = {
    kind: "tokens" as const,
    tokens: Array.from({ length: 4000 }, (_, index) => word + (index % 7)),
  };
  const control = new AbortController();
  const running = await begun(engine.generate(await endless(engine), control.signal));
  const order: string[] = [];
  let counting = true;
  const counted = (async () => {
    while (counting && (await running.next()).done !== true) order.push("token");
  })();
  const follow = async (name: string, asked: GenerateRequest): Promise<void> => {
    for await (const { type } of engine.generate(asked, never)) order.push(`${name} ${type}`);
  };
  const long = follow("long", request("", { prompt, maxTokens: 1 }));
  await follow("short", request("a short question", { maxTokens: 1 }));
  await long;
  counting = false;
  control.abort(new Error("enough"));
  await counted.catch(() => undefined);
  const between = order.slice(order.indexOf("long started"), order.indexOf("long tokens"));
  const pieces = Math.ceil(prompt.tokens.length / chunk);
  expect(between.filter((each) => each === "token").length).toBeGreaterThanOrEqual(pieces - 2);
  expect(order.indexOf("short tokens")).toBeLessThan(order.indexOf("long tokens"));
  expect(order.indexOf("short tokens")).toBeGreaterThanOrEqual(0);
});

test("tells how many answers got a token in each round, and how long a request waited", async () => {
  await using engine = await loaded();
  const rounds: number[] = [];
  engine.onRound = ({ sequences }) => rounds.push(sequences);
  const streams = await Promise.all(
    [1, 2, 3, 4].map(async () => begun(engine.generate(await endless(engine), never))),
  );
  const waited = Promise.withResolvers<number>();
  const waiting = (async () => {
    for await (const event of engine.generate(request("later", { maxTokens: 3 }), never)) {
      if (event.type === "started") waited.resolve(event.queueMs ?? Number.NaN);
    }
  })();
  await streams[0]?.next();
  await streams[0]?.return?.();
  await waiting;
  expect(await waited.promise).toBeGreaterThan(0);
  expect(Math.max(...rounds)).toBe(4);
  expect(rounds.every((sequences) => sequences >= 1)).toBe(true);
  for (const events of streams.slice(1)) await events.return?.();
  await rest(await begun(engine.generate(request("and after", { maxTokens: 2 }), never)));
  expect(rounds.at(-1)).toBe(1);
});
