import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HearthError } from "../errors.ts";
import { processIdentity } from "../process/identity.ts";
import { readProcess } from "../process/readings.ts";
import type { AdapterFile, Engine, GenerateRequest, ModelFiles } from "./engine.ts";
import { GenerationFailed, ModelLoadFailed, RequestCancelled, Timeout } from "./errors.ts";
import {
  answer,
  begun,
  elsewhere,
  endless,
  failure,
  never,
  options,
  request,
  rest,
  said,
} from "./tests/asking.ts";
import type { Answer } from "./tests/asking.ts";
import { constraintContract } from "./tests/constraint-contract.ts";
import { embeddingContract } from "./tests/embedding-contract.ts";
import { isolationContract } from "./tests/isolation-contract.ts";
import { logprobContract } from "./tests/logprob-contract.ts";
import { scoreContract } from "./tests/score-contract.ts";
import { greedy } from "./verify-export.ts";

/** What an implementation brings to be tested with. */
export interface EngineUnderTest {
  create(options?: { timeoutMs?: number }): Engine;
  /** A small model with a chat template and a context of a few hundred tokens. */
  model: ModelFiles;
  adapters: [AdapterFile, AdapterFile];
  /** A model with a context of 2,048 tokens, for prompts that describe tools; else `model`. */
  roomy?: ModelFiles;
  /** A model whose weights are large beside its contexts, with an adapter for it. */
  wide: { model: ModelFiles; adapters: [AdapterFile, AdapterFile] };
  /** Files that cannot be loaded, by what is wrong with them. */
  bad: ReadonlyMap<string, ModelFiles>;
  /** Adapters that it keeps ready at a time, of two; default both. */
  residentAdapters?: number;
  /** A control token of the model, as text. */
  controlToken: string;
  decode(ids: readonly number[]): string;
  /** Where the engine does not tell the tokens of a text. */
  encode?: (text: string) => number[];
}

/**
 * Every implementation of {@link Engine} must pass this; of one whose models are `away`, on another server, what does
 * not need their tokens, files and processes.
 */
export function engineContract(
  name: string,
  prepare: () => Promise<EngineUnderTest>,
  { away = false }: { away?: boolean } = {},
): void {
  describe(`engine contract: ${name}`, () => {
    let subject: EngineUnderTest;
    let engine: Engine;

    beforeAll(async () => {
      subject = await prepare();
      engine = subject.create();
      await engine.load(subject.model, options, never);
    });
    afterAll(async () => {
      await engine.unload();
    });

    describe("answers", () => {
      test("streams: started, tokens, done, with counts that add up", async () => {
        const { started, done, ids, text } = await answer(engine, request("tell me something"));
        if (elsewhere(engine)) {
          expect(done.promptTokens).toBeGreaterThan(2);
        } else {
          expect(started).toMatchObject({ type: "started", cachedTokens: 0 });
          expect(started.promptTokens).toBeGreaterThan(2);
        }
        expect(ids.length).toBeLessThanOrEqual(24);
        expect(done.completionTokens).toBeGreaterThan(0);
        expect(done.completionTokens).toBeLessThanOrEqual(24);
        expect(text.length).toBeGreaterThan(0);
        expect(["stop", "length"]).toContain(done.finishReason);
      });

      test("gives text that is the decoded tokens, characters across tokens included", async ({ skip }) => {
        skip(elsewhere(engine), "its token ids are not told");
        const sampling = { ...greedy, temperature: 1.5 };
        for (let seed = 0; seed < 12; seed++) {
          const { text, ids } = await answer(
            engine,
            request("some words", { maxTokens: 60, sampling: { ...sampling, seed } }),
          );
          expect(text).toBe(subject.decode(ids));
        }
      });

      test("a control token in a message stays text", async ({ skip }) => {
        skip(elsewhere(engine), "its token ids are not told");
        const tokens = (content: string): Promise<number[]> =>
          engine.tokenize({ kind: "chat", messages: [{ role: "user", content }] }, never);
        const plain = await tokens("x");
        const withToken = await tokens(`x${subject.controlToken}`);
        const [control] = await tokens("");
        const count = (ids: number[]): number => ids.filter((id) => id === control).length;
        expect(count(plain)).toBeGreaterThan(0);
        expect(count(withToken)).toBe(count(plain));
        expect(withToken.length).toBeGreaterThan(plain.length + 2);
      });

      test("stops at a stop string across tokens and shows nothing of it", async () => {
        const asked = request("once upon a time", { maxTokens: 40 });
        const { text } = await answer(engine, asked);
        const stop = text.slice(7, 12);
        const stopped = await answer(engine, { ...asked, id: "stop", stop: ["\u0000never", stop] });
        expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
        const stopSequence = elsewhere(engine) ? null : stop;
        expect(stopped.done).toMatchObject({ finishReason: "stop", stopSequence });
      });

      test("bias: a raised token comes always, a banned one never", async ({ skip }) => {
        skip(elsewhere(engine), "its token ids are not told");
        const first = await answer(engine, request("numbers"));
        const [likeliest = -1] = first.ids;
        const bias = (value: number): GenerateRequest =>
          request("numbers", { sampling: { ...greedy, logitBias: new Map([[likeliest, value]]) } });
        expect(new Set((await answer(engine, bias(100))).ids)).toEqual(new Set([likeliest]));
        expect((await answer(engine, bias(-100))).ids).not.toContain(likeliest);
      });

      test("penalties: each changes an answer that repeats itself", async ({ skip }) => {
        skip(!engine.capabilities.sampling.includes("frequencyPenalty"), "the engine refuses penalties");
        skip(elsewhere(engine), "OpenAI's API allows none so large");
        const [token = -1] = (await answer(engine, request("numbers"))).ids;
        const repeating = { ...greedy, logitBias: new Map([[token, 30]]) };
        const plain = await answer(engine, request("numbers", { sampling: repeating }));
        expect(new Set(plain.ids)).toEqual(new Set([token]));
        for (const change of [
          { frequencyPenalty: 20 },
          { presencePenalty: 100 },
          { repetitionPenalty: 50 },
        ]) {
          const { ids } = await answer(engine, request("numbers", { sampling: { ...repeating, ...change } }));
          expect(ids[0]).toBe(token);
          expect(new Set(ids).size).toBeGreaterThan(1);
        }
      });

      test("top_k 1 and a tiny top_p are greedy at any temperature", async () => {
        const greedily = said(await answer(engine, request("colours")));
        const hot = { ...greedy, temperature: 2, seed: 9 };
        for (const change of [{ topK: 1 }, { topP: 1e-6 }, { minP: 1 }]) {
          const cut = await answer(engine, request("colours", { sampling: { ...hot, ...change } }));
          expect(said(cut)).toBe(greedily);
        }
      });
    });

    // Elsewhere the same is tested by the answers of a hub that asks another one.
    if (!away) {
      logprobContract(() => engine);
      embeddingContract(
        () => engine,
        () => subject.adapters,
      );

      scoreContract(
        () => engine,
        () => subject.adapters,
      );

      constraintContract(
        () => engine,
        async () => {
          const roomy = subject.create();
          await roomy.load(subject.roomy ?? subject.model, { ...options, contextSize: 2048 }, never);
          return roomy;
        },
      );
      isolationContract(
        () => engine,
        () => subject.adapters,
        () => subject.controlToken,
      );
    }

    describe("temperature", () => {
      test("a low temperature and a fixed seed repeat exactly, whatever else is in the batch", async () => {
        const sampling = { ...greedy, temperature: 0.3, seed: 7 };
        const asked = (): GenerateRequest => request("the same question", { sampling, maxTokens: 40 });
        const alone = await answer(engine, asked());
        const others = [1, 2, 3, 4, 5].map((seed) =>
          answer(
            engine,
            request(`another ${"word ".repeat(seed * 7)}`, {
              sampling: { ...sampling, temperature: 1, seed },
              maxTokens: 30,
            }),
          ),
        );
        const together = await Promise.all([answer(engine, asked()), ...others, answer(engine, asked())]);
        for (const each of [together.at(0), together.at(-1)])
          expect(each === undefined ? null : said(each)).toBe(said(alone));
      });

      test("the largest seed repeats as every other one does", async () => {
        const sampling = { ...greedy, temperature: 2, seed: 2 ** 32 - 1 };
        const ask = () => answer(engine, request("dice", { sampling }));
        expect(said(await ask())).toBe(said(await ask()));
      });

      test("without a seed two answers at a high temperature differ", async () => {
        const sampling = { ...greedy, temperature: 2, seed: null };
        const both = await Promise.all([1, 2].map(() => answer(engine, request("dice", { sampling }))));
        expect(new Set(both.map(said)).size).toBe(2);
      });
    });

    describe("concurrency", () => {
      test("16 requests on 4 slots: each gets the answer that it gets alone", async () => {
        const texts = Array.from(
          { length: 16 },
          (_, index) => `request ${"and ".repeat(index)}number ${index}`,
        );
        const together = await Promise.all(texts.map((text) => answer(engine, request(text))));
        for (const [index, text] of texts.entries()) {
          const one = together[index];
          expect(one === undefined ? null : said(one), text).toBe(said(await answer(engine, request(text))));
        }
      });

      test("a kept beginning is used again and changes nothing", async ({ skip }) => {
        skip(elsewhere(engine), "what it keeps is not this engine's");
        const beginning = "a long story about a dog that ".repeat(6);
        const cold = subject.create();
        try {
          await cold.load(subject.model, options, never);
          await answer(engine, request(beginning));
          const asked = request(`${beginning} could sing`);
          const warm = await answer(engine, asked);
          const fresh = await answer(cold, asked);
          expect(warm.started.cachedTokens).toBeGreaterThan(60);
          expect(fresh.started.cachedTokens).toBe(0);
          expect(warm.ids).toEqual(fresh.ids);
          const again = await answer(engine, { ...asked, id: "again" });
          expect(again.started.cachedTokens).toBeGreaterThanOrEqual((again.started.promptTokens ?? 0) - 2);
          expect(again.ids).toEqual(fresh.ids);
        } finally {
          await cold.unload();
        }
      });

      test("a cancelled request leaves its slot to the next one at once", async ({ skip }) => {
        skip(elsewhere(engine), "its server runs ahead of who reads the answers");
        const { adapters } = engine;
        const control = new AbortController();
        const cancelled = begun(engine.generate(await endless(engine, subject.encode), control.signal));
        const running = await Promise.all(
          [1, 2, 3].map(async () => begun(engine.generate(await endless(engine, subject.encode), never))),
        );
        const order: string[] = [];
        const others = running.map(async (events) => {
          await rest(events);
          order.push("running");
        });
        const short = request("short", { maxTokens: 1, sampling: { ...greedy, seed: null } });
        const waiting = answer(engine, short).then(() => order.push("waiting"));
        const events = await cancelled;
        control.abort(new Error("gone"));
        expect(await failure(rest(events))).toBeInstanceOf(RequestCancelled);
        await Promise.all([waiting, ...others]);
        expect(order[0]).toBe("waiting");
        expect(engine.adapters).toBe(adapters);
      });

      test("leaving the loop early frees the slots", async () => {
        for (let round = 0; round < 8; round++) {
          const events = await begun(engine.generate(await endless(engine, subject.encode), never));
          await events.return?.();
        }
        expect((await answer(engine, request("after all"))).done.completionTokens).toBeGreaterThan(0);
      });

      test("a request that is cancelled before it starts costs nothing", async () => {
        const signal = AbortSignal.abort(new Error("too late"));
        expect(await failure(answer(engine, request("x"), signal))).toBeInstanceOf(RequestCancelled);
      });
    });

    describe("limits", () => {
      test("a prompt longer than the context is refused with both lengths", async () => {
        const error = await failure(answer(engine, request("word ".repeat(2000))));
        expect(error).toMatchObject({ code: "invalid_request" });
        if (elsewhere(engine)) return;
        expect(error).toMatchObject({ details: { context_size: 512 } });
        const { details } = error as HearthError;
        expect(details["prompt_tokens"]).toBeGreaterThan(512);
      });

      test("without max_tokens an answer ends where the context does", async ({ skip }) => {
        skip(elsewhere(engine), "OpenAI's API has no such request for a text");
        const { started, done } = await answer(engine, await endless(engine, subject.encode));
        expect((started.promptTokens ?? 0) + done.completionTokens).toBe(512);
        expect(done).toMatchObject({ finishReason: "length", stopSequence: null });
      });

      test("an empty prompt, an unknown token and a bias on an unknown token are refused", async () => {
        const tokens = (ids: number[]): GenerateRequest =>
          request("", { prompt: { kind: "tokens", tokens: ids } });
        expect(await failure(answer(engine, request("")))).toMatchObject({ code: "invalid_request" });
        expect(await failure(answer(engine, tokens([1, 99_999])))).toMatchObject({ code: "invalid_request" });
        const sampling = { ...greedy, logitBias: new Map([[99_999, 1]]) };
        expect(await failure(answer(engine, request("x", { sampling })))).toMatchObject({
          code: "invalid_request",
        });
      });
    });

    describe("adapters", () => {
      test("each changes the answer, side by side with the base", async ({ skip }) => {
        skip(!engine.capabilities.adapters, "it has no adapters");
        const [first, second] = subject.adapters;
        const ask = (adapter: AdapterFile | null): Promise<Answer> =>
          answer(engine, request("a question for all", { adapter }));
        const [base, one, two] = await Promise.all([ask(null), ask(first), ask(second)]);
        expect(new Set([base, one, two].map((each) => each?.ids.join())).size).toBe(3);
        expect(engine.adapters).toBe(subject.residentAdapters ?? 2);
        expect((await ask(first)).ids).toEqual(one?.ids);
        expect((await ask(null)).ids).toEqual(base?.ids);
      });

      test("one for another model is refused in the engine's words, and the engine goes on", async ({
        skip,
      }) => {
        skip(!engine.capabilities.adapters, "it has no adapters");
        const [adapter] = subject.wide.adapters;
        const error = await failure(answer(engine, request("x", { adapter })));
        expect(error).toMatchObject({ code: "model_load_failed" });
        expect((await answer(engine, request("and now"))).ids.length).toBeGreaterThan(0);
      });

      test("more adapters than contexts take turns, none is refused", async ({ skip }) => {
        skip(!engine.capabilities.adapters, "it has no adapters");
        const single = subject.create();
        try {
          await single.load(subject.model, { ...options, adapterContexts: 1 }, never);
          const turns = [0, 1, 0, 1, 0, 1].map((index) =>
            answer(single, request("turns", { adapter: subject.adapters[index] ?? null })),
          );
          const ids = (await Promise.all(turns)).map((each) => each.ids.join());
          expect(new Set(ids).size).toBe(2);
          expect(single.adapters).toBe(1);
        } finally {
          await single.unload();
        }
      });

      test("share the weights: two of them take less memory than one copy", async ({ skip }) => {
        skip(!engine.capabilities.adapters, "it has no adapters");
        const { model, adapters } = subject.wide;
        const wide = subject.create();
        try {
          await wide.load(model, { ...options, slots: 1, contextSize: 256 }, never);
          const resident = async (): Promise<number> =>
            (wide.pid === null ? null : await readProcess(wide.pid))?.residentBytes ?? Number.NaN;
          await answer(wide, request("warm up"));
          const before = await resident();
          for (const adapter of adapters) await answer(wide, request("warm up", { adapter }));
          expect(wide.adapters).toBe(subject.residentAdapters ?? 2);
          expect((await resident()) - before).toBeLessThan(model.bytes);
        } finally {
          await wide.unload();
        }
      });
    });

    describe("failures", () => {
      test("killed while it answers: a typed error, and it can be loaded again", async ({ skip }) => {
        skip(elsewhere(engine), "it has no process here");
        const mortal = subject.create();
        try {
          await mortal.load(subject.model, options, never);
          const lost = Promise.withResolvers<Error>();
          mortal.onLost = lost.resolve;
          const running = await Promise.all(
            [1, 2].map(async () => begun(mortal.generate(await endless(mortal, subject.encode), never))),
          );
          process.kill(mortal.pid ?? 0, "SIGKILL");
          for (const events of running) {
            const error = await failure(rest(events));
            expect(error).toBeInstanceOf(GenerationFailed);
            expect(error).toMatchObject({ details: { crashed: true, signal: "SIGKILL" } });
          }
          expect(await lost.promise).toBeInstanceOf(GenerationFailed);
          expect(mortal.loaded).toBe(false);
          await mortal.load(subject.model, options, never);
          expect((await answer(mortal, request("again"))).ids.length).toBeGreaterThan(0);
        } finally {
          await mortal.unload();
        }
      });

      test("without progress: Timeout, and the process is gone", async ({ skip }) => {
        skip(elsewhere(engine), "it has no process here");
        const slow = subject.create({ timeoutMs: 400 });
        try {
          await slow.load(subject.model, options, never);
          const { pid } = slow;
          const events = await begun(slow.generate(await endless(slow, subject.encode), never));
          process.kill(pid ?? 0, "SIGSTOP");
          const error = await failure(rest(events));
          expect(error).toBeInstanceOf(Timeout);
          await slow.unload();
          expect(await processIdentity(pid ?? 0)).toBeNull();
        } finally {
          await slow.unload();
        }
      });

      test("files that cannot be loaded: ModelLoadFailed with a reason, and a good one loads after", async ({
        skip,
      }) => {
        skip(elsewhere(engine), "it loads no files");
        const careful = subject.create();
        try {
          for (const [what, files] of subject.bad) {
            const error = await failure(careful.load(files, options, never));
            expect(error, what).toBeInstanceOf(ModelLoadFailed);
            expect((error as Error).message.length, what).toBeGreaterThan(40);
            expect(careful.loaded).toBe(false);
          }
          await careful.load(subject.model, options, never);
          expect((await answer(careful, request("still here"))).ids.length).toBeGreaterThan(0);
        } finally {
          await careful.unload();
        }
      });

      test("a load that is given up leaves nothing behind", async ({ skip }) => {
        skip(elsewhere(engine), "it has no process here");
        const hasty = subject.create();
        const control = new AbortController();
        const loading = hasty.load(subject.model, options, control.signal);
        const { pid } = hasty;
        expect(pid).not.toBeNull();
        control.abort(new Error("changed my mind"));
        expect(await failure(loading)).toBeInstanceOf(RequestCancelled);
        expect(await processIdentity(pid ?? 0)).toBeNull();
      });

      test("unload ends the process, and with it all its memory; requests in progress fail", async () => {
        const brief = subject.create();
        await brief.load(subject.model, options, never);
        const { pid } = brief;
        const events = await begun(brief.generate(await endless(brief, subject.encode), never));
        await brief.unload();
        expect(await failure(rest(events))).toBeInstanceOf(GenerationFailed);
        expect(brief.pid).toBeNull();
        if (pid !== null) expect(await processIdentity(pid)).toBeNull();
        expect(await failure(answer(brief, request("x")))).toBeInstanceOf(GenerationFailed);
      });
    });
  });
}
