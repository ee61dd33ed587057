import { afterAll } from "vitest";
import { readGgufHeader } from "../../../model-files/gguf/read.ts";
import { tokenizerFromGguf } from "../../../model-files/tokenizer/tokenizer.ts";
import { engineContract } from "../../engine-contract.ts";
import {
  adapterFor,
  badModels,
  TestFolder,
  tinyModel,
  tinyShape,
  unknownFiles,
  wideModel,
  wideShape,
} from "../../tests/model-fixtures.ts";
import { LlamaEngine } from "./engine.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());

engineContract("llama", async () => {
  const model = await tinyModel(folder.file("tiny.gguf"));
  const bad = await badModels(folder, model.basePath);
  const tokenizer = tokenizerFromGguf(await readGgufHeader(model.basePath));
  return {
    create: (options = {}) =>
      new LlamaEngine({
        threads: 1,
        logFile: folder.file("engine.log"),
        codeCacheFolder: folder.file("code"),
        ...options,
      }),
    model,
    adapters: [
      await adapterFor(folder.file("one.gguf"), tinyShape, 1),
      await adapterFor(folder.file("two.gguf"), tinyShape, 2),
    ],
    wide: {
      model: await wideModel(folder.file("wide.gguf")),
      adapters: [
        await adapterFor(folder.file("wide-one.gguf"), wideShape, 3),
        await adapterFor(folder.file("wide-two.gguf"), wideShape, 4),
      ],
    },
    bad: new Map([...bad].map(([what, path]) => [what, unknownFiles(path)])),
    controlToken: "<|im_end|>",
    decode: (ids) => tokenizer.decode(ids),
  };
});
