import { dialogue } from "./corpus/dialogues.ts";
import type { CorpusDocument } from "./corpus/document.ts";
import { fact } from "./corpus/facts.ts";
import { instruction } from "./corpus/instructions.ts";
import { note } from "./corpus/notes.ts";
import { seededRandom } from "./corpus/random.ts";
import { story } from "./corpus/stories.ts";

/** Kinds of document and how many of a hundred are of each. */
const mix = [
  { write: note, percent: 50 },
  { write: story, percent: 11 },
  { write: fact, percent: 14 },
  { write: dialogue, percent: 12 },
  { write: instruction, percent: 13 },
] as const;

/**
 * `count` different documents of the mix. The same seed gives the same documents in the same
 * order; a document that was drawn before is drawn anew, up to ten times, and then left in: some
 * kinds (greetings, small sums) have fewer variants than a corpus needs.
 */
export function* corpusDocuments(seed: number, count: number): Generator<CorpusDocument> {
  const random = seededRandom(seed);
  const seen = new Set<string>();
  for (let made = 0; made < count; made++) {
    let share = random.below(100);
    const kind = mix.find(({ percent }) => (share -= percent) < 0) ?? mix[0];
    let document = kind.write(random);
    for (let draws = 1; draws < 10 && seen.has(JSON.stringify(document)); draws++)
      document = kind.write(random);
    seen.add(JSON.stringify(document));
    yield document;
  }
}
