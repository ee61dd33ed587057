/**
 * The least that one can do with llama.cpp in Node: one process, a context with a sequence for each stream, all of
 * them asked for their next token in the same tick, nothing else. `node bare-loop.ts MODEL THREADS`, then one JSON
 * line for each measurement on standard input: `{"streams":8,"promptTokens":128,"answerTokens":32}`.
 */
import { createInterface } from "node:readline";
import { getLlama, LlamaLogLevel, type Token } from "node-llama-cpp";

const [path = "", threads = "1"] = process.argv.slice(2);
const llama = await getLlama({
  build: "never",
  gpu: false,
  maxThreads: Number(threads),
  logLevel: LlamaLogLevel.error,
});
const model = await llama.loadModel({ modelPath: path, useMmap: true, gpuLayers: 0 });

interface Asked {
  streams: number;
  promptTokens: number;
  answerTokens: number;
  seed: number;
}

async function measure({ streams, promptTokens, answerTokens, seed }: Asked) {
  const context = await model.createContext({
    contextSize: promptTokens + answerTokens + 8,
    sequences: streams,
    batchSize: 512,
    threads: Number(threads),
    flashAttention: false,
  });
  const begun = performance.now();
  const answers = Array.from({ length: streams }, (_, stream) => {
    const prompt = Array.from(
      { length: promptTokens },
      (_, index) => (300 + ((seed + stream * 131 + index * 17) % 20_000)) as Token,
    );
    return context.getSequence().evaluate(prompt, { temperature: 0, yieldEogToken: true });
  });
  const step = () => Promise.all(answers.map((answer) => answer.next()));
  await step();
  const prefilled = performance.now();
  for (let count = 1; count < answerTokens; count += 1) await step();
  const decoded = performance.now();
  await Promise.all(answers.map((answer) => answer.return()));
  await context.dispose();
  return {
    prefill: (streams * promptTokens) / ((prefilled - begun) / 1000),
    decode: (streams * (answerTokens - 1)) / ((decoded - prefilled) / 1000),
  };
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await measure(JSON.parse(line) as Asked)));
await llama.dispose();
