import { expect, test } from "vitest";
import { continueGreedily } from "./continue-greedily.ts";

/** A model that says what `after` gives for the tokens so far. */
function model(after: (tokens: readonly number[]) => number, longestPrediction = 64) {
  const asked: number[] = [];
  return {
    asked,
    longestPrediction,
    predict: async (tokens: Int32Array, { from, length }: { from: number; length: number }) => {
      expect(tokens.length).toBeLessThanOrEqual(length);
      expect(tokens.length - from).toBeLessThanOrEqual(longestPrediction);
      asked.push(tokens.length - from);
      return Int32Array.from({ length: tokens.length - from }, (_, at) =>
        after([...tokens.subarray(0, from + at + 1)]),
      );
    },
  };
}

/** Depends on everything before, so that a wrong guess spoils what follows it. */
const hashed = (tokens: readonly number[]): number =>
  tokens.reduce((sum, token, at) => (sum * 31 + token * (at + 7)) % 997, 5) % 40;
const counting = (tokens: readonly number[]): number => (tokens.at(-1) ?? 0) + 1;

function oneByOne(
  after: (tokens: readonly number[]) => number,
  prompt: number[],
  most: number,
  stop: number,
) {
  const tokens: number[] = [];
  while (tokens.length < most) {
    const next = after([...prompt, ...tokens]);
    if (next === stop) break;
    tokens.push(next);
  }
  return tokens;
}

const always = async () => true;

test("whatever is guessed, the answer is that of one token after the other", async () => {
  for (let seed = 1; seed < 40; seed++) {
    const prompt = [seed, 3];
    const expected = oneByOne(hashed, prompt, 30, 39);
    for (const drafts of [
      [],
      [expected],
      [[1, 2, 3], expected.slice(0, 4)],
      [[...expected.slice(0, 2), 0, 0]],
    ]) {
      for (const width of [1, 5, 64]) {
        const { tokens } = await continueGreedily(
          model(hashed, width),
          { prompt, drafts, limit: 30, length: 64, stops: new Set([39]) },
          always,
        );
        expect(tokens).toEqual(expected);
      }
    }
  }
});

test("what was learned takes one pass; an end, a limit and the last position are kept to", async () => {
  const options = { prompt: [1, 2], limit: 8, length: 64, stops: new Set([6]) };
  const learned = model(counting);
  expect(await continueGreedily(learned, { ...options, drafts: [[9], [3, 4, 5, 6]] }, always)).toEqual({
    tokens: [3, 4, 5],
    complete: true,
  });
  // The first draft was wrong at once, the second right to its end.
  expect(learned.asked).toEqual([2, 4]);
  const endless = { ...options, stops: new Set<number>(), drafts: [] };
  expect(await continueGreedily(model(counting), endless, always)).toEqual({
    tokens: [3, 4, 5, 6, 7, 8, 9, 10],
    complete: false,
  });
  const short = await continueGreedily(model(counting), { ...endless, length: 5 }, always);
  expect(short.tokens).toEqual([3, 4, 5]);
});

test("ends where no time is left", async () => {
  let passes = 0;
  const answer = await continueGreedily(
    model(counting),
    { prompt: [1], drafts: [], limit: 8, length: 64, stops: new Set() },
    async () => passes++ < 2,
  );
  expect(answer).toEqual({ tokens: [2, 3], complete: false });
});
