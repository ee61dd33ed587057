import { expect, test } from "vitest";
import { tokensOf } from "./highlighting.ts";
import { piecesOf } from "./token-pieces.ts";

test("a text is coloured by places, and nothing of it is lost", () => {
  const text = 'def f(x):\n    """<b>two\n    lines</b>"""\n    return f"{x} & 1"\n';
  const tokens = tokensOf(text, "python");
  const pieces = piecesOf(text, tokens, 0, text.length);
  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
  expect(pieces.find((piece) => piece.text === "def")?.scope).toBe("keyword");
  const second = text.indexOf("    lines");
  expect(piecesOf(text, tokens, second, text.indexOf("\n", second))).toEqual([
    { start: second, text: '    lines</b>"""', scope: "string" },
  ]);
});

test("a language inside another, and one that is not known", () => {
  const text = "<p>a</p><script>const b = 1;</script>";
  const tokens = tokensOf(text, "xml");
  expect(
    tokens.some(({ start, end, scope }) => text.slice(start, end) === "const" && scope === "keyword"),
  ).toBe(true);
  expect(tokensOf("a", "unheard-of")).toEqual([]);
  expect(piecesOf("abc", [], 1, 2)).toEqual([{ start: 1, text: "b", scope: null }]);
});

test("a keyword and a string are told apart", () => {
  const text = 'return "a";';
  expect(piecesOf(text, tokensOf(text, "js"), 0, text.length)).toMatchObject([
    { text: "return", scope: "keyword" },
    { text: " ", scope: null },
    { text: '"a"', scope: "string" },
    { text: ";", scope: null },
  ]);
});

test.each([
  ["html", `<script>alert("&lt;1&gt;" & '2')</script><style>a > b { }</style><img onerror=x()>`],
  ["python", `f"{a} </span><span class='x'>" # &amp; &#x27; &unknown;`],
  ["ts", "`${a < b && c > d}`\n// é 漢 \u0000"],
  ["json", '{"broken": '],
  ["dockerfile", "FROM scratch"],
])("no character of %s is changed", (language, code) => {
  const pieces = piecesOf(code, tokensOf(code, language), 0, code.length);
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.map(({ text }) => text).join("")).toBe(code);
});

test("a language whose name is that of something else is left alone", () => {
  expect(tokensOf("x", "constructor")).toEqual([]);
});
