import { afterAll, describe } from "vitest";
import { tokenizerFromFile } from "../../../model-files/tokenizer/tokenizer.ts";
import { syntheticTokenizer } from "../../../../../../bench/models/synthetic-tokenizer.ts";
import { engineContract } from "../../engine-contract.ts";
import { badMlxModels, mlxAdapter, tinyMlxModel, wideMlxModel } from "../../tests/mlx-fixtures.ts";
import { mlxPeer } from "../../tests/mlx-peer.ts";
import { TestFolder, tinyShape, wideShape } from "../../tests/model-fixtures.ts";
import { MlxEngine } from "./engine.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());
const peer = mlxPeer();

describe.skipIf(peer === null)("with mlx-lm", () => {
  const environment = peer ?? { interpreter: "", device: "cpu" };
  const create = (options: { timeoutMs?: number } = {}): MlxEngine =>
    new MlxEngine({ server: { environment }, logFile: folder.file("server.log"), ...options });

  engineContract("mlx", async () => {
    const model = await tinyMlxModel(folder.file("tiny"));
    const tokenizer = tokenizerFromFile(syntheticTokenizer(tinyShape.vocabulary));
    return {
      create,
      model,
      adapters: [
        await mlxAdapter(folder.file("one"), tinyShape, 1),
        await mlxAdapter(folder.file("two"), tinyShape, 2),
      ],
      wide: {
        model: await wideMlxModel(folder.file("wide")),
        adapters: [
          await mlxAdapter(folder.file("wide-one"), wideShape, 3),
          await mlxAdapter(folder.file("wide-two"), wideShape, 4),
        ],
      },
      bad: await badMlxModels(folder, model.basePath),
      residentAdapters: 1,
      controlToken: "<|im_end|>",
      decode: (ids) => tokenizer.decode(ids),
    };
  });
});
