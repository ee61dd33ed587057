import { execFileSync } from "node:child_process";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ModelFileInvalid } from "../invalid.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { ggufMagic } from "./format.ts";
import { readGgufHeader, readKeptMatrix, readTensor, readTensorBytes } from "./read.ts";
import { writeGguf } from "./write.ts";
import type { GgufEntry } from "./write.ts";

const everyType: GgufEntry[] = [
  ["a.u8", "u8", 255],
  ["a.i8", "i8", -128],
  ["a.u16", "u16", 65_535],
  ["a.i16", "i16", -32_768],
  ["a.u32", "u32", 4_294_967_295],
  ["a.i32", "i32", -2_147_483_648],
  ["a.f32", "f32", 0.5],
  ["a.f64", "f64", Math.PI],
  ["a.bool", "bool", true],
  ["a.string", "string", "größer 🎉"],
  ["a.u64", "u64", 2 ** 53 - 1],
  ["a.big", "u64", 2n ** 63n],
  ["a.i64", "i64", -5],
  ["a.strings", "string[]", ["", "a", "\u{1f389}"]],
  ["a.numbers", "i32[]", [1, -2, 3]],
  ["a.booleans", "bool[]", [true, false]],
];

async function writeSmall(path: string): Promise<void> {
  await writeGguf(path, {
    metadata: everyType,
    tensors: [
      { name: "one", shape: [3, 5], type: "F32", data: Float32Array.from({ length: 15 }, (_, i) => i) },
      {
        name: "two",
        shape: [2, 32],
        type: "Q8_0",
        data: Float32Array.from({ length: 64 }, (_, i) => i - 32),
      },
      { name: "three", shape: [7], type: "F16", data: new Float32Array(7).fill(0.25) },
    ],
  });
}

/** Header bytes: magic, version 3, counts, then the rest. */
function header(tensors: bigint, entries: bigint, rest: Buffer = Buffer.alloc(64)): Buffer {
  const start = Buffer.alloc(24);
  start.writeUInt32LE(ggufMagic, 0);
  start.writeUInt32LE(3, 4);
  start.writeBigUInt64LE(tensors, 8);
  start.writeBigUInt64LE(entries, 16);
  return Buffer.concat([start, rest]);
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([u64(BigInt(value.length)), Buffer.from(value)]);
}

function tensorClaim(name: string, dimensions: bigint[], type: number, offset: bigint): Buffer {
  return Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset)]);
}

describe("readGgufHeader", () => {
  test("gives back every kind of value and the tensors' places", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("small.gguf");
    await writeSmall(path);
    const found = await readGgufHeader(path);
    expect([...found.metadata].map(([key, { type, value }]) => [key, type, value])).toEqual(everyType);
    expect(found.version).toBe(3);
    expect(found.dataOffset % 32).toBe(0);
    expect([...found.tensors.values()].map(({ name, shape, type }) => [name, shape, type])).toEqual([
      ["one", [3, 5], "F32"],
      ["two", [2, 32], "Q8_0"],
      ["three", [7], "F16"],
    ]);
  });

  test("typed getters refuse a missing key and another type, naming both", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("small.gguf");
    await writeSmall(path);
    const { metadata } = await readGgufHeader(path);
    expect(metadata.string("a.string")).toBe("größer 🎉");
    expect(metadata.number("a.u8")).toBe(255);
    expect(metadata.bool("a.bool")).toBe(true);
    expect(metadata.strings("a.strings")).toEqual(["", "a", "🎉"]);
    expect(metadata.numbers("a.numbers")).toEqual([1, -2, 3]);
    expect(metadata.optionalString("absent")).toBeUndefined();
    expect(() => metadata.string("absent")).toThrow(/lacks the metadata key absent/);
    expect(() => metadata.number("a.string")).toThrow(/a\.string must be a number.*found string/);
    expect(() => metadata.number("a.big")).toThrow(ModelFileInvalid);
    expect(() => metadata.strings("a.numbers")).toThrow(/found i32\[\] of 3/);
  });

  test("reads tensors as numbers and as bytes", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("small.gguf");
    await writeSmall(path);
    const found = await readGgufHeader(path);
    expect([...(await readTensor(found, "one"))]).toEqual(Array.from({ length: 15 }, (_, i) => i));
    expect([...(await readTensor(found, "three"))]).toEqual(Array(7).fill(0.25));
    const two = await readTensor(found, "two");
    for (const [index, value] of two.entries()) expect(value).toBeCloseTo(index - 32, 0);
    expect(await readKeptMatrix(found, "one")).toBeUndefined();
    expect((await readTensorBytes(found, "two")).byteLength).toBe(68);
    await expect(readTensor(found, "four")).rejects.toThrow(/no tensor "four"/);
  });

  test("names the type of a tensor that it cannot read as numbers", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("iq4.gguf");
    const bytes = header(1n, 0n, tensorClaim("w", [32n], 20, 0n));
    await writeFile(path, Buffer.concat([bytes, Buffer.alloc(256)]));
    const found = await readGgufHeader(path);
    expect(found.tensors.get("w")?.byteLength).toBe(18);
    await expect(readTensor(found, "w")).rejects.toThrow(/stored as IQ4_NL/);
  });

  test("a file that is cut after the header was read gives a typed error", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("small.gguf");
    await writeSmall(path);
    const found = await readGgufHeader(path);
    await truncate(path, found.dataOffset + 10);
    await expect(readTensor(found, "one")).rejects.toThrow(ModelFileInvalid);
  });

  test.each<[string, Buffer, RegExp]>([
    ["empty", Buffer.alloc(0), /at least 24 bytes; this one has 0/],
    ["another kind of file", Buffer.from("PK\u0003\u0004".padEnd(64, "x")), /Not a GGUF file/],
    ["version 1", Buffer.concat([u32(ggufMagic), u32(1), Buffer.alloc(64)]), /version 1 is not supported/],
    ["big-endian", Buffer.concat([u32(ggufMagic), u32(0x03000000), Buffer.alloc(64)]), /big-endian/],
    ["2^63 tensors", header(2n ** 63n, 0n), /claims a number of tensors of 9223372036854775808/],
    ["2^40 entries", header(0n, 2n ** 40n), /claims a number of metadata entries/],
    [
      "a key of 2^50 bytes",
      header(0n, 1n, Buffer.concat([u64(2n ** 50n), Buffer.alloc(64)])),
      /length of the metadata key/,
    ],
    ["an empty key", header(0n, 1n, Buffer.concat([u64(0n), Buffer.alloc(64)])), /metadata key "" is empty/],
    [
      "an unknown value type",
      header(0n, 1n, Buffer.concat([text("k"), u32(77), Buffer.alloc(64)])),
      /unknown value type 77/,
    ],
    [
      "a list of lists",
      header(0n, 1n, Buffer.concat([text("k"), u32(9), u32(9), Buffer.alloc(64)])),
      /lists of lists/,
    ],
    [
      "a list of 2^60",
      header(0n, 1n, Buffer.concat([text("k"), u32(9), u32(4), u64(2n ** 60n), Buffer.alloc(64)])),
      /length of the list "k"/,
    ],
    [
      "a boolean of 2",
      header(0n, 1n, Buffer.concat([text("k"), u32(7), Buffer.alloc(64, 2)])),
      /boolean in the header is stored as 2/,
    ],
    [
      "a key twice",
      header(
        0n,
        2n,
        Buffer.concat([text("k"), u32(0), Buffer.alloc(1), text("k"), u32(0), Buffer.alloc(64)]),
      ),
      /"k" occurs twice/,
    ],
    [
      "an alignment of 3",
      header(0n, 1n, Buffer.concat([text("general.alignment"), u32(4), u32(3), Buffer.alloc(64)])),
      /power of two/,
    ],
    [
      "no dimension",
      header(1n, 0n, Buffer.concat([tensorClaim("t", [], 0, 0n), Buffer.alloc(64)])),
      /0 dimensions/,
    ],
    [
      "9 dimensions",
      header(1n, 0n, Buffer.concat([tensorClaim("t", Array(9).fill(1n), 0, 0n), Buffer.alloc(64)])),
      /9 dimensions/,
    ],
    [
      "a dimension of 0",
      header(1n, 0n, Buffer.concat([tensorClaim("t", [0n], 0, 0n), Buffer.alloc(64)])),
      /impossible shape/,
    ],
    [
      "a product beyond 64 bits",
      header(1n, 0n, Buffer.concat([tensorClaim("t", [2n ** 33n, 2n ** 33n], 0, 0n), Buffer.alloc(64)])),
      /impossible shape/,
    ],
    [
      "an unknown tensor type",
      header(1n, 0n, Buffer.concat([tensorClaim("t", [1n], 99, 0n), Buffer.alloc(64)])),
      /unknown type 99/,
    ],
    [
      "rows that are no blocks",
      header(1n, 0n, Buffer.concat([tensorClaim("t", [33n], 8, 0n), Buffer.alloc(64)])),
      /not a multiple of 32/,
    ],
    [
      "a tensor past the end",
      header(1n, 0n, Buffer.concat([tensorClaim("t", [1_000_000n], 0, 0n), Buffer.alloc(64)])),
      /past the end of the file/,
    ],
    [
      "an offset elsewhere",
      header(1n, 0n, Buffer.concat([tensorClaim("t", [1n], 0, 64n), Buffer.alloc(256)])),
      /64 bytes into the tensor section; 0 was expected/,
    ],
    [
      "a tensor twice",
      header(
        2n,
        0n,
        Buffer.concat([tensorClaim("t", [1n], 0, 0n), tensorClaim("t", [1n], 0, 32n), Buffer.alloc(256)]),
      ),
      /"t" occurs twice/,
    ],
    [
      "a name with a control character",
      header(1n, 0n, Buffer.concat([tensorClaim("\u001b[2J", [1n], 0, 0n), Buffer.alloc(64)])),
      /not printable/,
    ],
  ])("refuses %s", async (_, bytes, message) => {
    await using folder = await temporaryFolder();
    const path = folder.file("hostile.gguf");
    await writeFile(path, bytes);
    const refusal = readGgufHeader(path);
    await expect(refusal).rejects.toThrow(ModelFileInvalid);
    await expect(refusal).rejects.toThrow(message);
  });

  test("refuses what is no file, and passes the system's own error on", async () => {
    await using folder = await temporaryFolder();
    await mkdir(folder.file("folder"));
    await expect(readGgufHeader(folder.file("folder"))).rejects.toThrow(/not a regular file/);
    await expect(readGgufHeader(folder.file("absent"))).rejects.toThrow(/ENOENT/);
  });

  test.skipIf(process.platform === "win32")("does not wait for somebody to write into a pipe", async () => {
    await using folder = await temporaryFolder();
    execFileSync("mkfifo", [folder.file("pipe")]);
    await expect(readGgufHeader(folder.file("pipe"))).rejects.toThrow(/not a regular file/);
  });

  test("keeps to the limits it is given", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("small.gguf");
    await writeSmall(path);
    await expect(readGgufHeader(path, { tensors: 2 })).rejects.toThrow(/at most 2 are allowed/);
    await expect(readGgufHeader(path, { stringBytes: 3 })).rejects.toThrow(
      /length of the text of "a\.string"/,
    );
    await expect(readGgufHeader(path, { headerBytes: 100 })).rejects.toThrow(
      /longer than the allowed 100 bytes/,
    );
  });

  test("keeps bytes that are not UTF-8 apart", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("bytes.gguf");
    const list = Buffer.concat([u64(1n), Buffer.from([0xff]), u64(1n), Buffer.from([0xfe])]);
    await writeFile(path, header(0n, 1n, Buffer.concat([text("k"), u32(9), u32(8), u64(2n), list])));
    const [first, second] = (await readGgufHeader(path)).metadata.strings("k");
    expect(first).not.toBe(second);
  });

  test("any damage gives a typed error or a valid header", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("small.gguf");
    await writeSmall(path);
    const whole = await readFile(path);
    const damaged = folder.file("damaged.gguf");
    const damage = fc.record({
      flips: fc.array(fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) }), { maxLength: 4 }),
      length: fc.integer({ min: 0, max: whole.length }),
      cut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ flips, length, cut }) => {
        const bytes = Buffer.from(whole);
        for (const { at, bit } of flips) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        await writeFile(damaged, cut ? bytes.subarray(0, length) : bytes);
        const outcome = await readGgufHeader(damaged).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(ModelFileInvalid);
        } else if (cut) {
          expect(length).toBeGreaterThanOrEqual(24);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("random bytes after the magic give a typed error or a valid header", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("random.gguf");
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(3),
        fc.nat(3),
        async (bytes, tensors, entries) => {
          await writeFile(path, header(BigInt(tensors), BigInt(entries), Buffer.from(bytes)));
          const outcome = await readGgufHeader(path).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ModelFileInvalid);
          else expect(tensors + entries).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
