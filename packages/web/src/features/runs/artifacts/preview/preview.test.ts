import { expect, test } from "vitest";
import { linesOf, textOf } from "./file-text.ts";
import { parseJson, SourceNumber } from "./json-value.ts";
import { previewKind } from "./preview-kind.ts";

test.each([
  ["a.PNG", { kind: "picture" }],
  ["drawing.svg", { kind: "text", language: "xml" }],
  ["page.html", { kind: "text", language: "xml" }],
  ["MLmodel", { kind: "text", language: "yaml" }],
  ["constructor", { kind: "text", language: null }],
  ["noted.tar.gz", { kind: "binary" }],
  ["paper.pdf", { kind: "binary" }],
  ["rows.tsv", { kind: "table", delimiter: "\t" }],
  ["no-extension", { kind: "text", language: null }],
] as const)("%s", (name, expected) => {
  expect(previewKind(name)).toEqual(expected);
});

test("bytes that are no text are seen", () => {
  const bytes = new TextEncoder().encode("größe");
  expect(textOf(bytes)).toBe("größe");
  // Cut in the middle of a sign.
  expect(textOf(bytes.subarray(0, 3))).toBe("gr\u{FFFD}");
  expect(textOf(new Uint8Array([80, 75, 0, 1]))).toBeNull();
  expect(textOf(new Uint8Array(500).fill(0xff))).toBeNull();
  expect(textOf(new Uint8Array())).toBe("");
});

test("lines with both line ends, and long ones in pieces", () => {
  const shown = (text: string) =>
    linesOf(text).map(({ number, start, end }) => [number, text.slice(start, end)]);
  expect(shown("a\r\n\nb\n")).toEqual([
    [1, "a"],
    [2, ""],
    [3, "b"],
  ]);
  expect(shown("")).toEqual([]);
  const long = "x".repeat(2_500);
  expect(linesOf(long).map(({ number, start, end }) => [number, end - start])).toEqual([
    [1, 1_000],
    [null, 1_000],
    [null, 500],
  ]);
});

test("numbers that JavaScript cannot hold stay as they are written", () => {
  const value = parseJson(
    '{"id": 12345678901234567890, "one": 1.0, "rate": 3e-5, "e": 1e400, "__proto__": 2}',
  );
  expect(value).toMatchObject({ rate: 3e-5 });
  const entries = Object.fromEntries(Object.entries(value ?? {}).map(([key, one]) => [key, String(one)]));
  expect(entries["id"]).toBe("12345678901234567890");
  expect(entries["e"]).toBe("1e400");
  expect(Object.keys(value ?? {})).toContain("__proto__");
  expect(parseJson("[1, 2")).toBeUndefined();
  expect(parseJson("[9007199254740993]")).toEqual([new SourceNumber("9007199254740993")]);
});
