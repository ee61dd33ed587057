import { readFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ModelFileInvalid } from "./invalid.ts";
import { readSafetensor, readSafetensorsHeader, writeSafetensors } from "./safetensors.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

const tensors = [
  { name: "b", shape: [2, 3], type: "F32" as const, data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  { name: "half", shape: [3], type: "F16" as const, data: Float32Array.of(0.5, -1, 2) },
  { name: "a", shape: [1], type: "F32" as const, data: Float32Array.of(-7) },
];

function file(header: unknown, dataBytes: number): Buffer {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}

const four = { dtype: "F32", shape: [1], data_offsets: [0, 4] };

describe("safetensors", () => {
  test("gives back what was written", async () => {
    await using folder = await temporaryFolder();
    await writeSafetensors(folder.file("t"), { tensors, metadata: { format: "pt", a: "b" } });
    const header = await readSafetensorsHeader(folder.file("t"));
    expect(Object.fromEntries(header.metadata)).toEqual({ format: "pt", a: "b" });
    for (const { name, shape, data } of tensors) {
      expect(header.tensors.get(name)?.shape).toEqual(shape);
      expect(await readSafetensor(header, name)).toEqual(data);
    }
    await expect(readSafetensor(header, "c")).rejects.toThrow(/no tensor "c"/);
  });

  test("order of input does not change the bytes, and numbers start at a multiple of 8", async () => {
    await using folder = await temporaryFolder();
    await writeSafetensors(folder.file("one"), { tensors, metadata: { x: "1", a: "2" } });
    await writeSafetensors(folder.file("two"), {
      tensors: tensors.toReversed(),
      metadata: { a: "2", x: "1" },
    });
    const bytes = await readFile(folder.file("one"));
    expect(bytes.equals(await readFile(folder.file("two")))).toBe(true);
    expect(bytes.readBigUInt64LE() % 8n).toBe(0n);
  });

  test("refuses to write a wrong count or a name twice", async () => {
    await using folder = await temporaryFolder();
    const [first] = tensors;
    if (first === undefined) throw new Error("no tensor");
    const twice = writeSafetensors(folder.file("t"), { tensors: [first, first] });
    await expect(twice).rejects.toThrow(RangeError);
    const wrong = writeSafetensors(folder.file("t"), { tensors: [{ ...first, shape: [7] }] });
    await expect(wrong).rejects.toThrow(/needs 7 numbers/);
  });

  test.each<[string, Buffer, RegExp]>([
    ["empty", Buffer.alloc(0), /at least 10 bytes/],
    ["a header of 2^60 bytes", Buffer.alloc(64, 0x10), /header claims/],
    ["no JSON", file("nonsense!!", 0), /not a JSON object/],
    ["a list", file("[1, 2, 3]", 0), /not a JSON object/],
    [
      "a tensor past the end",
      file({ t: { ...four, shape: [9], data_offsets: [0, 36] } }, 4),
      /is said to lie at 0–36/,
    ],
    ["a size unlike the shape", file({ t: { ...four, shape: [2] } }, 4), /of 8 bytes is said to lie/],
    ["an end before the start", file({ t: { ...four, data_offsets: [4, 0] } }, 4), /is said to lie/],
    ["a negative offset", file({ t: { ...four, data_offsets: [-4, 0] } }, 4), /described wrongly/],
    ["a shape beyond 2^53", file({ t: { ...four, shape: [2 ** 40, 2 ** 40] } }, 4), /is said to lie/],
    ["overlapping tensors", file({ t: four, u: four }, 4), /overlap/],
    ["an unknown type", file({ t: { ...four, dtype: "F1" } }, 4), /unknown type "F1"/],
    ["metadata that is no text", file({ __metadata__: { a: 1 }, t: four }, 4), /map text to text/],
  ])("refuses %s", async (_, bytes, message) => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("t"), bytes);
    const refusal = readSafetensorsHeader(folder.file("t"));
    await expect(refusal).rejects.toThrow(ModelFileInvalid);
    await expect(refusal).rejects.toThrow(message);
  });

  test("any damage gives a typed error or a valid header", async () => {
    await using folder = await temporaryFolder();
    await writeSafetensors(folder.file("t"), { tensors });
    const whole = await readFile(folder.file("t"));
    const flip = fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(flip, { minLength: 1, maxLength: 3 }),
        fc.nat(whole.length),
        async (flips, length) => {
          const bytes = Buffer.from(whole);
          for (const { at, bit } of flips) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          await writeFile(folder.file("d"), length % 2 === 0 ? bytes : bytes.subarray(0, length));
          const outcome = await readSafetensorsHeader(folder.file("d")).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ModelFileInvalid);
          else expect(outcome).toHaveProperty("tensors");
        },
      ),
      { numRuns: 300 },
    );
  });
});
