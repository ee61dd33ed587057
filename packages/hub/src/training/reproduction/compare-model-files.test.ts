import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeGguf, type GgufEntry, type GgufWriteType } from "../../model-files/gguf/write.ts";
import { writeSafetensors } from "../../model-files/safetensors.ts";
import { compareModelFiles } from "./compare-model-files.ts";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "hearth-compare-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const metadata: GgufEntry[] = [
  ["general.architecture", "string", "llama"],
  ["adapter.lora.alpha", "f32", 16],
];
const numbers = Float32Array.from({ length: 128 }, (_, index) => index / 8);

/** A GGUF file with two tensors [4, 32] of which the second is changed. */
async function gguf(
  name: string,
  {
    type = "F32",
    entries = metadata,
    changes = {},
    second = "b",
  }: Partial<{
    type: GgufWriteType;
    entries: GgufEntry[];
    changes: Record<number, number>;
    second: string;
  }> = {},
): Promise<string> {
  const changed = numbers.slice();
  for (const [index, value] of Object.entries(changes)) changed[Number(index)] = value;
  const path = join(folder, name);
  await writeGguf(path, {
    metadata: entries,
    tensors: [
      { name: "a", shape: [4, 32], type, data: numbers },
      { name: second, shape: [4, 32], type, data: changed },
    ],
  });
  return path;
}

const compare = (one: string, other: string) => compareModelFiles("adapter.gguf", one, other);

test("equal files have no difference", async () => {
  expect(await compare(await gguf("1"), await gguf("2"))).toBeNull();
});

test.each<GgufWriteType>(["F32", "F16"])(
  "the first number that differs is named, and how many (%s)",
  async (type) => {
    const other = await gguf("2", { type, changes: { 40: 6, 100: 0 } });
    expect(await compare(await gguf("1", { type }), other)).toEqual({
      file: "adapter.gguf",
      kind: "tensor",
      name: "b",
      index: [1, 8],
      offset: null,
      expected: "5",
      actual: "6",
      differing: 2,
      elements: 128,
      largest: 12.5,
    });
  },
);

test("blocks of quantised numbers are compared as the numbers that they stand for", async () => {
  const other = await gguf("2", { type: "Q8_0", changes: { 95: -11.875 } });
  expect(await compare(await gguf("1", { type: "Q8_0" }), other)).toMatchObject({
    kind: "tensor",
    name: "b",
    index: [2, 31],
    differing: 1,
    elements: 128,
  });
});

test("what a file says of itself comes before its numbers", async () => {
  const one = await gguf("1");
  const entries: GgufEntry[] = [metadata[0] ?? ["", "string", ""], ["adapter.lora.alpha", "f32", 8]];
  expect(await compare(one, await gguf("2", { entries, changes: { 0: 9 } }))).toMatchObject({
    kind: "header",
    name: "adapter.lora.alpha",
    expected: "f32 16",
    actual: "f32 8",
  });
  expect(await compare(one, await gguf("3", { second: "c" }))).toMatchObject({
    kind: "header",
    name: "b",
    expected: "b F32 [4, 32]",
    actual: "c F32 [4, 32]",
  });
});

test("safetensors are compared alike", async () => {
  const write = async (name: string, value: number) => {
    const path = join(folder, name);
    const data = Float32Array.of(1, 2, 3, value);
    await writeSafetensors(path, { tensors: [{ name: "w", shape: [2, 2], type: "F32", data }] });
    return path;
  };
  const [one, other] = [await write("1", 4), await write("2", 5)];
  expect(await compareModelFiles("x.safetensors", one, other)).toMatchObject({
    kind: "tensor",
    name: "w",
    index: [1, 1],
    expected: "4",
    actual: "5",
    largest: 1,
  });
});

test("a file that cannot be read as a model, and any other file, is compared by its bytes", async () => {
  const one = await gguf("1");
  const cut = await gguf("2");
  await truncate(cut, 100);
  expect(await compare(one, cut)).toMatchObject({ kind: "bytes", offset: 100, actual: null });
  const [first, second] = [join(folder, "1.json"), join(folder, "2.json")];
  await writeFile(first, '{"r": 8}');
  await writeFile(second, '{"r": 4}');
  expect(await compareModelFiles("adapter_config.json", first, second)).toMatchObject({
    kind: "bytes",
    offset: 6,
    expected: "8}",
    actual: "4}",
  });
});
