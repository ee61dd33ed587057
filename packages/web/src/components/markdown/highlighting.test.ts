import { expect, test } from "vitest";
import { highlight, type Piece } from "./highlighting.ts";

const textOf = (pieces: readonly Piece[]): string =>
  pieces.map((one) => (typeof one === "string" ? one : textOf(one.pieces))).join("");

test("a keyword and a string are told apart", () => {
  expect(highlight('return "a";', "js")).toEqual([
    { classes: "hljs-keyword", pieces: ["return"] },
    " ",
    { classes: "hljs-string", pieces: ['"a"'] },
    ";",
  ]);
});

test.each([
  ["html", `<script>alert("&lt;1&gt;" & '2')</script><style>a > b { }</style><img onerror=x()>`],
  ["python", `f"{a} </span><span class='x'>" # &amp; &#x27; &unknown;`],
  ["ts", "`${a < b && c > d}`\n// é 漢 \u0000"],
  ["json", '{"broken": '],
])("no character of %s is changed", (language, code) => {
  expect(textOf(highlight(code, language) ?? [])).toBe(code);
});

test("an unknown language is left alone", () => {
  expect(highlight("x", "no-such")).toBeNull();
  expect(highlight("x", "constructor")).toBeNull();
});
