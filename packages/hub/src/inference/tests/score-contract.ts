import { describe, expect, test } from "vitest";
import type { AdapterFile, Engine, Score, ScoreRequest } from "../engine.ts";
import { greedy } from "../verify-export.ts";
import { answer, failure, never, request } from "./asking.ts";

const chat = (content: string): ScoreRequest["prompt"] => ({
  kind: "chat",
  messages: [{ role: "user", content }],
});

/** Probabilities of given answers, where an engine tells them. */
export function scoreContract(engineOf: () => Engine, adaptersOf: () => readonly AdapterFile[]): void {
  const unable = (): boolean => !engineOf().capabilities.scores;
  const score = async (
    prompt: ScoreRequest["prompt"],
    text: string,
    adapter: AdapterFile | null = null,
  ): Promise<Score> => {
    const found = await engineOf().score?.({ prompt, answer: text, adapter }, never);
    if (found === undefined) throw new Error("the engine says that it scores answers and has no way to");
    return found;
  };
  /** What the model says of the tokens when they are all its prompt. */
  const echoed = async (tokens: number[], from: number): Promise<number[]> => {
    const prompt = { kind: "tokens" as const, tokens };
    const asked = request("", { prompt, promptLogprobs: 0, maxTokens: 0, sampling: greedy });
    const { started } = await answer(engineOf(), asked);
    return (started.promptLogprobs ?? []).slice(from).map(({ logprob }) => logprob ?? Number.NaN);
  };

  describe("scores of given answers", () => {
    test("are the log probabilities of the answer's tokens after the prompt, its end included", async ({
      skip,
    }) => {
      skip(unable(), "the engine does not tell them");
      const engine = engineOf();
      for (const prompt of [chat("what is it?"), { kind: "text" as const, text: "it is " }]) {
        const before = await engine.tokenize(prompt, never);
        const words = await engine.tokenize({ kind: "text", text: "a small house" }, never);
        const { logprobs } = await score(prompt, "a small house");
        expect(logprobs).toHaveLength(words.length + 1);
        const expected = await echoed([...before, ...words], before.length);
        for (const [index, logprob] of expected.entries()) expect(logprobs[index]).toBeCloseTo(logprob, 3);
        expect(logprobs.at(-1)).toBeLessThan(0);
      }
    });

    test("a call of a tool is scored as the template shows it", async ({ skip }) => {
      skip(unable(), "the engine does not tell them");
      const prompt = chat("and now?");
      const call = { function: { name: "now", arguments: "{}" } };
      const asked: ScoreRequest = { prompt, answer: "", toolCalls: [call], adapter: null };
      const called = await engineOf().score?.(asked, never);
      // The template knows of no calls: the model would write one as text.
      expect(called).toEqual(
        await score(prompt, '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'),
      );
    });

    test("a document of its own is scored from its second token on, or all of it behind a token that begins texts", async ({
      skip,
    }) => {
      skip(unable(), "the engine does not tell them");
      const engine = engineOf();
      const text = "once there was a house";
      const words = await engine.tokenize({ kind: "text", text }, never);
      const { logprobs } = await score({ kind: "text", text: "" }, text);
      const expected = await echoed(words, 1);
      expect(logprobs).toHaveLength(expected.length + 1);
      for (const [index, logprob] of expected.entries()) expect(logprobs[index]).toBeCloseTo(logprob, 3);
    });

    test("are the same after a kept beginning, and beside answers that are generated", async ({ skip }) => {
      skip(unable(), "the engine does not tell them");
      const prompt = chat("a long question that is asked again ".repeat(6));
      const first = await score(prompt, "yes");
      const [again, ...others] = await Promise.all([
        score(prompt, "yes"),
        score(prompt, "no, not at all"),
        answer(engineOf(), request("something else")),
      ]);
      expect(again).toEqual(first);
      expect(await score(prompt, "no, not at all")).toEqual(others[0]);
    });

    test("an adapter changes them, and goes again", async ({ skip }) => {
      skip(unable(), "the engine does not tell them");
      const prompt = chat("who?");
      const plain = await score(prompt, "me");
      const [adapter = null] = adaptersOf();
      const adapted = await score(prompt, "me", adapter);
      expect(adapted.logprobs).toHaveLength(plain.logprobs.length);
      expect(adapted).not.toEqual(plain);
      expect(await score(prompt, "me")).toEqual(plain);
    });

    test("what is longer than the context together is refused with both lengths", async ({ skip }) => {
      skip(unable(), "the engine does not tell them");
      const refused = await failure(score(chat("short"), "word ".repeat(5000)));
      expect(refused).toMatchObject({
        code: "invalid_request",
        details: { context_size: expect.anything() },
      });
    });
  });
}
