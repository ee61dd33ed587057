import { describe, expect, test } from "vitest";
import type { Engine, GenerateRequest, Sampling, TokenLogprobs } from "../engine.ts";
import { InvalidRequest } from "../errors.ts";
import { greedy } from "../verify-export.ts";
import { answer, failure, never, request } from "./asking.ts";

const samplings: [string, Partial<Sampling>][] = [
  ["greedy", {}],
  ["hot", { temperature: 1.3, seed: 5 }],
  ["cut", { temperature: 0.9, topK: 12, topP: 0.9, minP: 0.01, seed: 6 }],
  ["penalised", { temperature: 0.7, frequencyPenalty: 1, presencePenalty: 0.5, seed: 7 }],
];

function expectConsistent({ id, logprob, top }: TokenLogprobs, alternatives: number): void {
  expect(logprob).toBeLessThanOrEqual(0);
  expect(top).toHaveLength(alternatives);
  const values = top.map((each) => each.logprob);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
  expect(new Set(top.map((each) => each.id)).size).toBe(alternatives);
  const same = top.find((each) => each.id === id);
  if (same !== undefined) expect(same.logprob).toBeCloseTo(logprob, 5);
  else if (alternatives > 0) expect(logprob).toBeLessThanOrEqual(values.at(-1) ?? 0);
  expect(values.reduce((sum, value) => sum + Math.exp(value), 0)).toBeLessThan(1 + 1e-4);
}

/** Log probabilities, where an engine has them. */
export function logprobContract(engineOf: () => Engine): void {
  const unable = (): boolean => engineOf().capabilities.logprobs === null;
  const most = (): number => engineOf().capabilities.logprobs ?? 0;

  describe("log probabilities", () => {
    test.each(samplings)("%s: asking for them changes no token", async (_name, change) => {
      if (unable()) return;
      const engine = engineOf();
      if (Object.keys(change).some((field) => !engine.capabilities.sampling.some((able) => able === field)))
        return;
      const sampling = { ...greedy, ...change };
      const plain = await answer(engine, request("tell me", { sampling }));
      for (const logprobs of [0, 1, most()]) {
        const told = await answer(engine, request("tell me", { sampling, logprobs }));
        expect(told.ids).toEqual(plain.ids);
        expect(told.text).toBe(plain.text);
        expect(told.logprobs.map(({ id }) => id)).toEqual(plain.ids);
        for (const each of told.logprobs) expectConsistent(each, logprobs);
      }
      expect(plain.logprobs).toEqual([]);
    });

    test("bytes of the tokens are the text", async () => {
      if (unable()) return;
      const sampling = { ...greedy, temperature: 1.4, seed: 3 };
      const told = await answer(engineOf(), request("words", { sampling, logprobs: 2 }));
      expect(told.done.finishReason).toBe("length");
      const bytes = told.logprobs.flatMap((each) => each.bytes);
      expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(told.text);
    });

    test("are of the raw distribution, whatever the request does to it", async () => {
      if (unable()) return;
      const engine = engineOf();
      const [plain] = (await answer(engine, request("q", { maxTokens: 1, logprobs: 5 }))).logprobs;
      const other = plain?.top[3] ?? { id: -1, logprob: Number.NaN };
      const biased = { ...greedy, temperature: 0.2, topK: 1, logitBias: new Map([[other.id, 100]]) };
      const asked = request("q", { maxTokens: 1, logprobs: 5, sampling: biased });
      const told = await answer(engine, asked).catch((error: Error) => error);
      // An engine that could only give those of the changed distribution says so.
      if (told instanceof InvalidRequest) {
        expect(told.details).toMatchObject({ field: "logit_bias" });
        return;
      }
      if (told instanceof Error) throw told;
      const [raised] = told.logprobs;
      expect(raised?.id).toBe(other.id);
      expect(raised?.logprob).toBeCloseTo(other.logprob, 5);
      expect(raised?.top).toEqual(plain?.top);
      expect(plain?.id).toBe(plain?.top[0]?.id);
    });

    test("each of many at once gets its own", async () => {
      if (unable()) return;
      const engine = engineOf();
      const ask = (index: number): GenerateRequest =>
        request(`question ${index} ${"x ".repeat(index * 3)}`, {
          logprobs: index % 3 === 0 ? null : index,
          sampling: { ...greedy, temperature: 0.8, seed: index },
        });
      const together = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((index) => answer(engine, ask(index))));
      for (const [index, one] of together.entries()) {
        const alone = await answer(engine, ask(index + 1));
        expect(one.ids).toEqual(alone.ids);
        expect(one.logprobs.length).toBe(alone.logprobs.length);
        for (const [place, each] of one.logprobs.entries()) {
          expect(each.logprob).toBeCloseTo(alone.logprobs[place]?.logprob ?? Number.NaN, 4);
        }
      }
    });

    test("more alternatives than there can be are refused", async () => {
      if (unable()) return;
      const asked = request("q", { logprobs: most() + 1 });
      expect(await failure(answer(engineOf(), asked))).toMatchObject({ code: "invalid_request" });
    });
  });

  describe("log probabilities of the prompt", () => {
    const without = (): boolean => !engineOf().capabilities.promptLogprobs;

    test("are those that its tokens had when they were generated", async () => {
      if (without()) return;
      const engine = engineOf();
      const tokens = await engine.tokenize({ kind: "text", text: "once upon a time " }, never);
      const sampling = { ...greedy, temperature: 1, seed: 4 };
      const prompt = { kind: "tokens" as const, tokens };
      const said = await answer(engine, request("", { prompt, sampling, maxTokens: 150, logprobs: 3 }));
      const whole = { kind: "tokens" as const, tokens: [...tokens, ...said.ids] };
      const read = await answer(
        engine,
        request("", { prompt: whole, promptLogprobs: 3, maxTokens: 0, sampling: greedy }),
      );
      const { promptLogprobs = [] } = read.started;
      expect(promptLogprobs.map(({ id }) => id)).toEqual(whole.tokens);
      expect(promptLogprobs[0]).toMatchObject({ logprob: null, top: [] });
      expect(read.done).toMatchObject({ finishReason: "length", completionTokens: 0 });
      for (const [index, generated] of said.logprobs.entries()) {
        const taught = promptLogprobs[tokens.length + index];
        expect(taught?.logprob).toBeCloseTo(generated.logprob, 2);
        expect(taught?.top.map(({ id }) => id)[0]).toBe(generated.top[0]?.id);
      }
      // The same again comes from a kept beginning, and must not be shorter.
      const again = await answer(engine, request("", { prompt: whole, promptLogprobs: 3, maxTokens: 0 }));
      expect(again.started.promptLogprobs).toEqual(promptLogprobs);
    });

    test("leave the answer as it is without them", async () => {
      if (without()) return;
      const engine = engineOf();
      for (const length of [1, 20, 70]) {
        const text = `read this first ${"la ".repeat(length)}`;
        const sampling = { ...greedy, temperature: 0.9, seed: 11 };
        const plain = await answer(engine, request(text, { sampling }));
        const echoed = await answer(engine, request(text, { sampling, promptLogprobs: 1, logprobs: 1 }));
        expect(echoed.ids).toEqual(plain.ids);
        expect(echoed.started.promptLogprobs).toHaveLength(plain.started.promptTokens ?? -1);
        expect(echoed.logprobs).toHaveLength(plain.ids.length);
      }
    });

    test("an answer of no tokens is no error", async () => {
      if (without()) return;
      const { done, ids } = await answer(engineOf(), request("q", { maxTokens: 0 }));
      expect(ids).toEqual([]);
      expect(done).toMatchObject({ finishReason: "length", completionTokens: 0 });
    });
  });
}
