import fc from "fast-check";

const atom = fc.constantFrom(
  "a",
  "b",
  "B",
  ".",
  "[ab]",
  "[^a]",
  "\\d",
  "\\w",
  "\\S",
  "\\b",
  "^",
  "$",
  "é",
  "\\.",
  "1",
  "[a-c1]",
);
/** Expressions that JavaScript and Hearth read alike. */
export const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    atom,
    fc.tuple(tie("expression"), tie("expression")).map((parts) => parts.join("")),
    fc.tuple(tie("expression"), tie("expression")).map(([left, right]) => `(?:${left}|${right})`),
    fc
      .tuple(tie("expression"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{0,}", "*?"))
      .map(([inner, count]) => `(${inner})${count}`),
  ),
}));
/** Texts that such expressions may match. */
export const subject = fc.string({
  unit: fc.constantFrom("a", "b", "B", "c", "1", " ", ".", "é", "\n", "😀"),
  maxLength: 12,
});
