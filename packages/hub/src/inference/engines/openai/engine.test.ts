import { afterAll } from "vitest";
import { TestHub } from "../../../../../../tests/test-hub.ts";
import { readGgufHeader } from "../../../model-files/gguf/read.ts";
import { tokenizerFromGguf } from "../../../model-files/tokenizer/tokenizer.ts";
import { engineContract } from "../../engine-contract.ts";
import { Provider } from "../../remotes/provider.ts";
import { adapterFor, tinyModel, TestFolder, tinyShape, unknownFiles } from "../../tests/model-fixtures.ts";
import { OpenAIEngine } from "./engine.ts";

const folder = await TestFolder.create();
const upstream = await TestHub.start({ env: { HEARTH_SLOTS: "4", HEARTH_DATA_PATHS: folder.file(".") } });
const provider = new Provider({
  name: "upstream",
  urls: [`${upstream.url}/v1`],
  apiKey: null,
  apiKeyVariable: null,
  concurrency: 4,
  timeoutMs: 30_000,
  models: null,
  extensions: ["top_k", "min_p", "repetition_penalty"],
});
afterAll(async () => {
  provider[Symbol.dispose]();
  await upstream[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

engineContract("openai, behind it a hub of ours", async () => {
  const model = await tinyModel(folder.file("tiny.gguf"));
  await upstream.client.models.create({ name: "tiny", task_type: "chat", path: model.basePath });
  const tokenizer = tokenizerFromGguf(await readGgufHeader(model.basePath));
  const adapter = await adapterFor(folder.file("one.gguf"), tinyShape, 1);
  const files = unknownFiles("tiny");
  return {
    create: () => new OpenAIEngine(provider),
    model: files,
    adapters: [adapter, adapter],
    wide: { model: files, adapters: [adapter, adapter] },
    bad: new Map(),
    controlToken: "<|im_end|>",
    decode: (ids) => tokenizer.decode(ids),
    encode: (text) => tokenizer.encode(text),
  };
});
