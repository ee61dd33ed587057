import { literal } from "./grammar.ts";
import type { Grammar } from "./grammar.ts";

/**
 * An expression for any one of these texts. What texts have in common at their beginning is written once:
 * llama.cpp follows every alternative that is still possible, for every token of the vocabulary.
 */
export function anyOf(grammar: Grammar, hint: string, texts: readonly string[]): string {
  const alternatives = [...Map.groupBy(new Set(texts), (text) => text.codePointAt(0)).values()].map(
    (group) => {
      const [only = ""] = group;
      if (group.length === 1) return literal(only);
      const common = commonBeginning(group);
      const rest = group.map((text) => text.slice(common.length));
      return `${literal(common)} ${grammar.add(hint, anyOf(grammar, hint, rest))}`;
    },
  );
  return alternatives.join(" | ");
}

/** Whole characters only. */
function commonBeginning(texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  let common = "";
  for (const character of first) {
    if (!others.every((text) => text.startsWith(character, common.length))) break;
    common += character;
  }
  return common;
}
