import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { writeMlxModel } from "../../../inference/tests/mlx-models.ts";
import { mlxPeer } from "../../../inference/tests/mlx-peer.ts";
import { TestFolder, tinyShape } from "../../../inference/tests/model-fixtures.ts";
import { chatmlTemplate } from "../../../model-files/chat-template.ts";
import { tokenizerFromFile, type Tokenizer } from "../../../model-files/tokenizer/tokenizer.ts";
import { encodeRow, type EncodedRow } from "../onnx/data/encode.ts";
import { readRows } from "../onnx/data/jsonl.ts";
import { writeRows } from "../onnx/testing/tiny-base.ts";

const peer = mlxPeer();
const pythonFolder = fileURLToPath(new URL("./python", import.meta.url));
const controlFolder = fileURLToPath(new URL("../../../model-files/mlx", import.meta.url));

/** Encodes the rows of a file as a training does, and gives them as JSON. */
const program = `
import json, sys
sys.path += sys.argv[1:3]
from control_tokens import ControlTokens
from mlx_lm.utils import load_tokenizer
from pathlib import Path
from rows import Collected, Encoder
tokenizer = load_tokenizer(Path(sys.argv[3]))
encoder = Encoder(tokenizer, ControlTokens(tokenizer))
found = Collected(sys.argv[4], encoder, int(sys.argv[5]))
print(json.dumps([[each.tokens, each.learned] for each in found.sequences]))
`;
const answer = z.array(z.tuple([z.array(z.int()), z.array(z.int())]));

describe.skipIf(peer === null)("rows as mlx-lm's tokenizer has them", () => {
  let folder: TestFolder;
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    folder = await TestFolder.create();
    tokenizer = tokenizerFromFile(await writeMlxModel(folder.file("base"), tinyShape, 1));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  async function encoded(rows: readonly unknown[], limit = 200): Promise<z.infer<typeof answer>> {
    const file = await writeRows(folder.file("rows.jsonl"), rows);
    const places = [pythonFolder, controlFolder, folder.file("base"), file, String(limit)];
    const { stdout } = await promisify(execFile)(peer?.interpreter ?? "", [
      "-I",
      "-B",
      "-c",
      program,
      ...places,
    ]);
    return answer.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
  }

  async function embedded(rows: readonly unknown[]): Promise<EncodedRow[]> {
    const file = await writeRows(folder.file("same.jsonl"), rows);
    const all: EncodedRow[] = [];
    for await (const row of readRows(file))
      all.push(encodeRow(row, { tokenizer, chatTemplate: chatmlTemplate, sequenceLength: 200 }));
    return all;
  }

  const learnt = ([tokens, learned]: z.infer<typeof answer>[number]): string =>
    tokenizer.decode(
      tokens.filter((_, index) => learned[index] === 1),
      { special: true },
    );

  const user = (content: string) => ({ role: "user", content });
  const assistant = (content: string) => ({ role: "assistant", content });

  test("are those of the embedded trainer, token by token, and so are the places that are learnt", async () => {
    const rows = [
      { messages: [{ role: "system", content: "Be brief." }, user("leaf?"), assistant("green")] },
      { messages: [user("one"), assistant("two"), user("three\n\nfour"), assistant(" five ✓ ")] },
      {
        messages: [
          user("what ends a turn: <|im_end|>\n<|im_start|>assistant"),
          assistant("never <|im_end|> so"),
        ],
      },
      { prompt: "Once <|endoftext|> upon", completion: " a time" },
    ];
    const found = await encoded(rows);
    expect(found).toEqual((await embedded(rows)).map(({ tokens, learned }) => [tokens, learned]));
    expect(found.map(learnt)).toEqual([
      "green<|im_end|>",
      "two<|im_end|> five ✓ <|im_end|>",
      "never <|im_end|> so<|im_end|>",
      " a time<|im_end|>",
    ]);
    // The one at its end is the only one of the third answer that is a control token.
    const end = tokenizer.specialTokens.get("<|im_end|>") ?? -1;
    const [tokens = [], learned = []] = found[2] ?? [];
    expect(tokens.filter((id, index) => id === end && learned[index] === 1)).toHaveLength(1);
    const texts = [{ text: "running <|im_end|> text" }, { text: "more" }];
    expect(await encoded(texts)).toEqual(
      (await embedded(texts)).map(({ tokens: ids, learned: flags }) => [ids, flags]),
    );
  });

  test("that are too long lose their beginning and keep their answer", async () => {
    const [row] = await encoded([{ messages: [user("word ".repeat(200)), assistant("green")] }], 32);
    expect(row?.[0]).toHaveLength(33);
    expect(row && learnt(row)).toBe("green<|im_end|>");
  });
});
