import { expect, test } from "vitest";
import { greedyProbes } from "./probes.ts";

/** A model that prefers the token after the last by `margin(last)`. */
function counting(vocabulary: number, margin: (last: number) => number) {
  const asked: number[][] = [];
  return {
    asked,
    logits: async (tokens: Int32Array) => {
      asked.push([...tokens]);
      const last = tokens.at(-1) ?? 0;
      const logits = new Float32Array(vocabulary).fill(-1);
      logits[(last + 1) % vocabulary] = margin(last) - 1;
      return logits;
    },
  };
}

const options = { sequenceLength: 64, controlTokens: new Set([0]), margin: 0.1 };
const between = async () => undefined;

test("continues greedily, and stops before a control token, a close call and the sequence's end", async () => {
  const model = counting(30, (last) => (last === 9 ? 0.05 : 1));
  const probes = await greedyProbes(
    model,
    { ...options, prompts: [[5], [27], [9], [29], [11, 12]] },
    between,
  );
  expect(probes).toEqual([
    { promptTokens: [5], expectedTokens: [6, 7, 8, 9] },
    { promptTokens: [27], expectedTokens: [28, 29] },
    // From [9] the call is too close, from [29] comes the control token: no probe.
    { promptTokens: [11, 12], expectedTokens: Array.from({ length: 16 }, (_, index) => 13 + index) },
  ]);
  const short = await greedyProbes(model, { ...options, sequenceLength: 4, prompts: [[11, 12]] }, between);
  expect(short[0]?.expectedTokens).toEqual([13, 14]);
});

test("stops asking when there are enough", async () => {
  const prompts = Array.from({ length: 20 }, (_, index) => [index + 1]);
  const probes = await greedyProbes(
    counting(30, () => 1),
    { ...options, sequenceLength: 3, prompts },
    between,
  );
  expect(probes).toHaveLength(8);
});
