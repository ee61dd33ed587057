import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { chatmlTemplate } from "../../packages/hub/src/model-files/chat-template.ts";
import { readDecoderShape } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import { readGgufHeader } from "../../packages/hub/src/model-files/gguf/read.ts";
import { tokenizerFromGguf } from "../../packages/hub/src/model-files/tokenizer/tokenizer.ts";
import { recipeFile } from "./recipe.ts";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const recipe = recipeFile.parse(JSON.parse(await readFile(path("recipe.json"), "utf8")));

describe("ember", () => {
  it("is the model of its recipe, in at most 8 MB", async () => {
    const { size } = await stat(path("ember.gguf"));
    expect(size).toBeLessThanOrEqual(8_000_000);
    const header = await readGgufHeader(path("ember.gguf"));
    const wanted = recipe.pretrain.parameters;
    expect(await readDecoderShape(header)).toMatchObject({
      vocabulary: wanted.pretrain?.vocabulary,
      dim: wanted.pretrain?.dim,
      layers: wanted.pretrain?.layers,
      heads: wanted.pretrain?.heads,
      kvHeads: wanted.pretrain?.kv_heads,
      ffn: wanted.pretrain?.ffn,
      context: wanted.sequence_length,
      tied: true,
    });
    expect(header.metadata.string("general.name")).toBe(recipe.name);
    expect(header.metadata.string("tokenizer.chat_template")).toBe(chatmlTemplate);
  });

  it("has a tokenizer that gives every text back", async () => {
    const tokenizer = tokenizerFromGguf(await readGgufHeader(path("ember.gguf")));
    for (const text of ["Hello! Who are you?", "Grüße, 你好 🙂\n\ttab", "<|im_end|> is text here"]) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
    expect(tokenizer.decode([tokenizer.eosId], { special: true })).toBe("<|im_end|>");
  });

  it("has its size and checksum in its card", async () => {
    const bytes = await readFile(path("ember.gguf"));
    const card = await readFile(path("CARD.md"), "utf8");
    expect(card).toContain(createHash("sha256").update(bytes).digest("hex"));
    expect(card).toContain(`${bytes.length.toLocaleString("en-US")} bytes`);
  });

  it("has mixes that add up to a hundred", () => {
    const mixes = [recipe.pretrain, recipe.conversations].flatMap(({ mix }) =>
      mix === undefined ? [] : [mix],
    );
    for (const mix of mixes) expect(Object.values(mix).reduce((sum, share) => sum + share, 0)).toBe(100);
    expect(mixes.length).toBeGreaterThan(0);
  });
});
