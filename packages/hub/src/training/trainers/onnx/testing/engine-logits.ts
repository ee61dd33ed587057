import type { ControlledEvaluateInputItem, Llama, Token } from "node-llama-cpp";

/** Everything that the model says: the distribution as it is. */
const asItIs = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/**
 * Log-probabilities `[vocabulary]` of the token after each prompt, by the engine. Its cache of keys
 * and values is in F32, so that what is left of a difference is the engine's own arithmetic.
 */
export async function engineLogProbabilities(
  llama: Llama,
  files: { model: string; adapter: string | null },
  prompts: readonly Int32Array[],
): Promise<Float64Array[]> {
  const model = await llama.loadModel({ modelPath: files.model });
  const context = await model.createContext({
    contextSize: 128,
    sequences: 1,
    threads: 1,
    flashAttention: false,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
    ...(files.adapter === null ? {} : { lora: { adapters: [{ filePath: files.adapter }] } }),
  });
  try {
    const sequence = context.getSequence();
    const results: Float64Array[] = [];
    for (const prompt of prompts) {
      await sequence.clearHistory();
      const tokens = Array.from(prompt, (token) => token as Token);
      const last = tokens.pop();
      if (last === undefined) throw new RangeError("a prompt without tokens");
      const items: ControlledEvaluateInputItem[] = [
        ...tokens,
        [last, { generateNext: { probabilities: true, options: asItIs } }],
      ];
      const evaluated = await sequence.controlledEvaluate(items);
      const probabilities = evaluated.at(-1)?.next.probabilities;
      if (probabilities === undefined) throw new Error("the engine gave no probabilities");
      const list = new Float64Array(probabilities.size);
      for (const [token, probability] of probabilities) list[token] = Math.log(probability);
      results.push(list);
    }
    return results;
  } finally {
    await context.dispose();
    await model.dispose();
  }
}

/** Logits as log-probabilities. */
export function logProbabilities(logits: Float32Array): Float64Array {
  const most = logits.reduce((greatest, logit) => Math.max(greatest, logit), -Infinity);
  const weight = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return Float64Array.from(logits, (logit) => logit - most - Math.log(weight));
}

/** The greatest difference of two lists of distributions; infinite where they differ in length. */
export function greatestDifference(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((worst, list, i) => {
    const other = b[i];
    if (other?.length !== list.length) return Infinity;
    return list.reduce((most, x, at) => Math.max(most, Math.abs(x - (other[at] ?? NaN))), worst);
  }, 0);
}
