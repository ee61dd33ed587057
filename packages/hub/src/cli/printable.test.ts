import { expect, test } from "vitest";
import { plainJson, printable } from "./printable.ts";

test("nothing that drives a terminal or turns the text around is printed", () => {
  expect(printable("a\u001b[2Kb\u202ec\td\n")).toBe("a\uFFFD[2Kb\uFFFDc\td\n");
});

test("what is asked about shows every character", () => {
  expect(plainJson({ model: "b\u0430se\u202e\u200b", note: "grün\u001b" })).toBe(
    '{\n  "model": "b\\u{430}se\\u{202e}\\u{200b}",\n  "note": "grün\\u001b"\n}',
  );
});
