import { expect, test } from "vitest";
import { tokensOf } from "./highlight.ts";
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
