import type { CorpusDocument } from "./document.ts";
import type { Random } from "./random.ts";
import { words } from "./words.ts";

const everyWord = [...new Set(Object.values(words).flat())];

/**
 * Rows of words or numbers without any sense that come two to four times: what follows stands in the
 * text itself and nowhere else, so a model learns to look back. Repeating, names that were told and
 * choosing from a list all need that.
 */
export function echo(random: Random): CorpusDocument {
  const items = random.chance(75)
    ? random.sample(everyWord, random.between(4, 16))
    : Array.from({ length: random.between(4, 14) }, () => String(random.below(1000)));
  const row = items.join(random.pick([" ", " ", ", "]));
  const times = random.between(2, 4);
  return { text: Array.from({ length: times }, () => row).join(random.pick(["\n", ". ", " - ", " "])) };
}
