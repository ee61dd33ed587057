import { createHash } from "node:crypto";
import { truncate } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomBlocks } from "../testing/random-blocks.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { blockTypes, bytesPerWeight, decodeBlocks, emptyBlocks } from "./blocks.ts";
import { encodeQ4K, encodeQ6K } from "./encode-k-quants.ts";
import { elementCount, ggmlTypes } from "./format.ts";
import { readGgufHeader, readKeptMatrix, readTensor } from "./read.ts";
import { splitRows } from "./split-blocks.ts";
import { writeGguf } from "./write.ts";

/** sha256 of the floats that ggml's own dequantize_row_* makes of `randomBlocks(type, 48, -5)`, −0 as 0. */
const byLlamaCpp = {
  Q8_0: "8d74fbfeb93287428d6d7c3a26b6d7becf73bce4cd2a30800c9eb8bfce437f90",
  Q4_0: "687f9985e6513d508fc044a0009e3b9cf18831a02862f5d5bc7a500097d2d780",
  Q4_1: "6b55cea50f68b5dd9f2c995b61db5230642115e213a66c196a91fb214a8ca478",
  Q5_0: "f80a594e4ac80042bf58da4654ff37290f4410afba2905726129da962de98c8f",
  Q5_1: "4a2e80eb05d44e83dec250781d5ce58eabb27c4fdfbcdd8e01e7908823a29484",
  Q4_K: "2e2dcd586e67111c28f30a8e15755c64755c989af89dd4856cd9caae99ff8a5b",
  Q5_K: "b9c3f1887ebaf48bbe2514ad2d18bb2b46554b0eb2b2c587c55dec8d07214e97",
  Q6_K: "ffdcf480093813dba059ea3130913a63db427817746da0f3b7b389e097047785",
};

describe.each(blockTypes)("%s", (type) => {
  const { elements } = ggmlTypes[type];
  const bytes = randomBlocks(type, 48, -5);

  test.each([1, 6, 48])("is decoded as llama.cpp does, in %s rows", (rows) => {
    const matrix = emptyBlocks(type, [rows, (48 * elements) / rows]);
    // In two pieces, as a file is read.
    const first = (bytes.length / rows) * Math.floor(rows / 2);
    splitRows(matrix, bytes.subarray(0, first), 0);
    splitRows(matrix, bytes.subarray(first), Math.floor(rows / 2));
    const decoded = decodeBlocks(matrix).map((value) => value + 0);
    expect(createHash("sha256").update(new Uint8Array(decoded.buffer)).digest("hex")).toBe(byLlamaCpp[type]);
  });

  test("takes the memory that is told", () => {
    const { values, scales, minimums, shape } = emptyBlocks(type, [16, 512]);
    const parts = [values, scales.own, scales.shared, minimums?.own, minimums?.shared];
    const total = parts.reduce((sum, part) => sum + (part?.byteLength ?? 0), 0);
    expect(total / elementCount(shape)).toBe(bytesPerWeight(type));
  });

  test("refuses rows of another width", () => {
    expect(() => emptyBlocks(type, [1, elements + 1])).toThrow(/no multiple/u);
  });
});

const superBlock = fc.float32Array({
  minLength: 256,
  maxLength: 256,
  min: -8,
  max: 8,
  noNaN: true,
  noDefaultInfinity: true,
});

test.each([
  ["Q4_K", encodeQ4K, 32, 15, 2],
  ["Q6_K", encodeQ6K, 16, 62, 1],
] as const)("%s written here errs by about a step of its blocks", (type, encode, block, steps, depth) => {
  fc.assert(
    fc.property(superBlock, (values) => {
      const matrix = emptyBlocks(type, [1, 256]);
      splitRows(matrix, encode(values), 0);
      const decoded = decodeBlocks(matrix);
      // The scales of the blocks are rounded to 63 or 127 steps of the widest block's.
      const range = 2 * Math.max(...values.map(Math.abs));
      for (let at = 0; at < 256; at += block) {
        const part = values.subarray(at, at + block);
        const width = Math.max(...part, 0) - Math.min(...part, 0);
        for (let i = 0; i < block; i++) {
          const error = Math.abs((decoded[at + i] ?? NaN) - (part[i] ?? 0));
          expect(error).toBeLessThanOrEqual((2 * width) / steps / 2 + (depth * range) / 60 + 1e-6);
        }
      }
    }),
  );
});

test("a file's matrices are read in their blocks and as numbers, piece by piece", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("mixed.gguf");
  // More than one piece of the file is read at a time.
  const shape = [1100, 4096];
  const values = Float32Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(i * 0.37));
  await writeGguf(path, {
    metadata: [],
    tensors: [
      { name: "half", shape, type: "F16", data: values },
      { name: "four", shape: [8, 512], type: "Q4_K", data: values.slice(0, 4096) },
      { name: "six", shape: [4, 512], type: "Q6_K", data: values.slice(0, 2048) },
    ],
  });
  const header = await readGgufHeader(path);
  const half = await readKeptMatrix(header, "half");
  expect(half).toBeInstanceOf(Uint16Array);
  const halves = await readTensor(header, "half");
  expect(halves.every((value, i) => Math.abs(value - (values[i] ?? NaN)) < 1e-3)).toBe(true);
  for (const name of ["four", "six"]) {
    const kept = await readKeptMatrix(header, name);
    const numbers = await readTensor(header, name);
    if (kept === undefined || kept instanceof Uint16Array) throw new Error(`${name} is not in blocks`);
    expect(decodeBlocks(kept)).toEqual(numbers);
    const worst = numbers.reduce((most, value, i) => Math.max(most, Math.abs(value - (values[i] ?? NaN))), 0);
    expect(worst).toBeLessThan(name === "four" ? 0.1 : 0.03);
  }
  await truncate(path, 100_000);
  await expect(readKeptMatrix(header, "half")).rejects.toThrow(/became shorter/u);
}, 60_000);
