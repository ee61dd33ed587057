import fc from "fast-check";
import { expect, test } from "vitest";
import { HearthError } from "../errors.ts";
import { collect, readMultipart } from "./multipart.ts";

interface ReadPart {
  field: string;
  fileName: string | null;
  text: string;
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(bytes: Uint8Array, contentType: string, size = 7): Promise<ReadPart[]> {
  const parts: ReadPart[] = [];
  for await (const { field, fileName, bytes: content } of readMultipart(chunksOf(bytes, size), contentType)) {
    parts.push({ field, fileName, text: (await collect(content, 1e6)).toString("latin1") });
  }
  return parts;
}

const text = fc.string({ unit: fc.constantFrom("a", "\r", "\n", "-", "\0", "é", '"') });
const entry = fc.record({
  field: fc.constantFrom("name", 'a"b'),
  fileName: fc.option(fc.constantFrom("t.jsonl", 'q"\r\nx')),
  content: text,
});

test("what fetch writes is read back, however the bytes arrive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 200 }),
      async (entries, size) => {
        const form = new FormData();
        for (const { field, fileName, content } of entries) {
          form.append(field, new Blob([Buffer.from(content, "latin1")]), fileName ?? "blob");
        }
        const request = new Request("http://x", { method: "POST", body: form });
        const contentType = request.headers.get("content-type") ?? "";
        const parts = await read(new Uint8Array(await request.arrayBuffer()), contentType, size);
        expect(parts).toEqual(
          entries.map(({ field, fileName, content }) => ({
            field,
            fileName: fileName ?? "blob",
            text: content,
          })),
        );
      },
    ),
  );
});

const type = "multipart/form-data; boundary=b";
const part = '--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n';

test("a preamble, a quoted boundary and content that looks like a boundary", async () => {
  const body = `hello\r\n${part}x\r\n--\r\n-b\r\n--b--\r\nrest`;
  expect(await read(Buffer.from(body), 'multipart/form-data; charset=utf-8; boundary="b"')).toEqual([
    { field: "n", fileName: null, text: "x\r\n--\r\n-b" },
  ]);
});

test.each([
  ["nothing", "", type],
  ["no boundary", part, "multipart/form-data"],
  ["an end in the middle", `${part}x`, type],
  ["no field", "--b\r\nX: y\r\n\r\nx\r\n--b--", type],
  ["neither break nor end", "--bX", type],
  ["endless headers", `--b\r\n${"X: y\r\n".repeat(5000)}`, type],
])("%s is refused", async (_name, body, contentType) => {
  await expect(read(Buffer.from(body), contentType)).rejects.toMatchObject({ code: "invalid_request" });
});

test("any bytes are refused or read, in a time that follows their length", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("--b", "\r\n", "--", part, "x", "\0", "b")), async (pieces) => {
      const result = await read(Buffer.from(pieces.join("")), type, 3).catch((error: unknown) => error);
      expect(Array.isArray(result) || result instanceof HearthError).toBe(true);
    }),
  );
});
