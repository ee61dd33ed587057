import { getLlama, LlamaLogLevel } from "node-llama-cpp";

/**
 * Loads each model named on the command line in the engine, generates a few tokens and sends one
 * message a model. Run as a child process: a model can end the process.
 */
const llama = await getLlama({
  build: "never",
  gpu: false,
  maxThreads: 1,
  progressLogs: false,
  logLevel: LlamaLogLevel.error,
});
for (const path of process.argv.slice(2)) {
  const loaded = await generates(path);
  await new Promise<void>((sent) => process.send?.({ loaded }, undefined, undefined, () => sent()));
}
// After a model was refused, disposing of the engine does not come to an end.
process.exit();

async function generates(modelPath: string): Promise<boolean> {
  try {
    const model = await llama.loadModel({ modelPath });
    const context = await model.createContext({ contextSize: 32, threads: 1 });
    let tokens = 0;
    const prompt = model.tokenize("the quick 🎉 fox <|im_end|>", true);
    for await (const token of context.getSequence().evaluate(prompt, { temperature: 0 })) {
      model.detokenize([token]);
      if (++tokens === 3) break;
    }
    await model.dispose();
    return true;
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    return false;
  }
}
