import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/tiny-base.ts";
import { readRows } from "./jsonl.ts";
import type { Row } from "./jsonl.ts";

async function rowsOf(text: string | Buffer): Promise<Row[]> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "rows.jsonl");
  await writeFile(path, text);
  const rows: Row[] = [];
  for await (const row of readRows(path)) rows.push(row);
  return rows;
}

describe("readRows", () => {
  test("tells the forms apart and keeps line numbers over empty lines", async () => {
    const rows = await rowsOf(
      '{"text":"one"}\n\n{"prompt":"p","completion":"c"}\r\n{"messages":[{"role":"user","content":"x"}]}',
    );
    expect(rows).toEqual([
      { kind: "text", line: 1, text: "one" },
      { kind: "prompt", line: 3, prompt: "p", completion: "c" },
      { kind: "chat", line: 4, messages: [{ role: "user", content: "x" }] },
    ]);
  });

  test("gives back any text, whatever line separators are in it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), async (texts) => {
        // Unescaped U+2028 is legal JSON; a file of more than one read chunk, too.
        const all = [...texts, "a\u2028b\u0085c", "ü".repeat(300_000)];
        const rows = await rowsOf(all.map((text) => JSON.stringify({ text })).join("\n"));
        expect(rows.map((row) => (row.kind === "text" ? row.text : undefined))).toEqual(
          all.map((text) => text.toWellFormed()),
        );
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    ['{"text":"ok"}\nnot json', /Line 2 .* is not JSON/],
    ['{"prompt":"only"}', /Line 1 .* has the fields prompt/],
    ['{"messages":[]}', /Line 1 .* has the fields messages/],
    ["[1]", /Line 1/],
    ["null", /Line 1 .* has object/],
    ['{"messages":[{"role":"user","content":3}]}', /Line 1/],
  ])("refuses %j with the line and what was expected", async (text, message) => {
    await expect(rowsOf(text)).rejects.toMatchObject({
      code: "dataset_invalid",
      message: expect.stringMatching(message),
    });
    await expect(rowsOf(text)).rejects.toThrow(/expected \{"messages"/);
  });

  test("stops at a file without line breaks before it fills the memory", async () => {
    await expect(rowsOf(Buffer.alloc(17 * 2 ** 20, "a"))).rejects.toMatchObject({ code: "dataset_invalid" });
  });
});
