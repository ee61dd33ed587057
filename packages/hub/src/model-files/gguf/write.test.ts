import { readFile, readdir, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { readGgufHeader, readTensor } from "./read.ts";
import { writeGguf } from "./write.ts";

const numbers = Float32Array.from({ length: 4096 }, (_, index) => Math.sin(index));

describe("writeGguf", () => {
  test("gives the same bytes whether the numbers come at once or in pieces", async () => {
    await using folder = await temporaryFolder();
    async function* pieces(): AsyncGenerator<Float32Array> {
      for (let start = 0; start < numbers.length; start += 1024) yield numbers.subarray(start, start + 1024);
    }
    for (const type of ["F32", "F16", "Q8_0"] as const) {
      const tensor = { name: "w", shape: [64, 64], type };
      await writeGguf(folder.file("one"), { metadata: [], tensors: [{ ...tensor, data: numbers }] });
      await writeGguf(folder.file("two"), { metadata: [], tensors: [{ ...tensor, data: pieces }] });
      expect((await readFile(folder.file("one"))).equals(await readFile(folder.file("two")))).toBe(true);
    }
  });

  test("a source that fails leaves the file that was there, and nothing else", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("model.gguf");
    await writeFile(path, "the old one");
    function* failing(): Generator<Float32Array> {
      yield numbers;
      throw new Error("the disk is full");
    }
    const writing = writeGguf(path, {
      metadata: [],
      tensors: [{ name: "w", shape: [128, 64], type: "F32", data: failing }],
    });
    await expect(writing).rejects.toThrow("the disk is full");
    expect(await readFile(path, "utf8")).toBe("the old one");
    expect(await readdir(folder.path)).toEqual(["model.gguf"]);
  });

  test("takes the place of an abandoned partial file", async () => {
    await using folder = await temporaryFolder();
    await writeFile(`${folder.file("m")}.partial`, "left over");
    await writeGguf(folder.file("m"), { metadata: [["k", "u32", 7]], tensors: [] });
    expect((await readGgufHeader(folder.file("m"))).metadata.number("k")).toBe(7);
    expect(await readdir(folder.path)).toEqual(["m"]);
  });

  test("refuses numbers that do not match the shape or the type", async () => {
    await using folder = await temporaryFolder();
    const write = (shape: number[], type: "F32" | "Q8_0", data: Float32Array): Promise<void> =>
      writeGguf(folder.file("m"), { metadata: [], tensors: [{ name: "w", shape, type, data }] });
    await expect(write([2, 3], "F32", numbers)).rejects.toThrow(/needs 6 numbers; 4096 were given/);
    await expect(write([2, 48], "Q8_0", new Float32Array(96))).rejects.toThrow(/Q8_0 needs a multiple of 32/);
    await expect(write([1, 32], "Q8_0", new Float32Array(32).fill(Number.NaN))).rejects.toThrow(
      /w cannot be written as Q8_0/,
    );
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("keeps the numbers of three dimensions in row-major order", async () => {
    await using folder = await temporaryFolder();
    const data = Float32Array.from({ length: 24 }, (_, index) => index);
    await writeGguf(folder.file("m"), {
      metadata: [],
      tensors: [{ name: "w", shape: [2, 3, 4], type: "F32", data }],
    });
    const header = await readGgufHeader(folder.file("m"));
    expect(header.tensors.get("w")?.shape).toEqual([2, 3, 4]);
    expect(await readTensor(header, "w")).toEqual(data);
  });
});
