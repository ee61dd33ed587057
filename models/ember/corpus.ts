import { dialogue } from "./corpus/dialogues.ts";
import type { CorpusDocument } from "./corpus/document.ts";
import { echo } from "./corpus/echoes.ts";
import { fact } from "./corpus/facts.ts";
import { instruction } from "./corpus/instructions.ts";
import { note } from "./corpus/notes.ts";
import { seededRandom, type Random } from "./corpus/random.ts";
import { story } from "./corpus/stories.ts";

const kinds = { note, story, fact, dialogue, instruction, echo } as const;

/** How many of a hundred documents are of each kind. */
export type Mix = Readonly<Record<keyof typeof kinds, number>>;

/** For pretraining: half of it is about office life, which models are tuned on most. */
const broad: Mix = { note: 41, story: 8, fact: 13, dialogue: 11, instruction: 15, echo: 12 };

/**
 * `count` different documents. The same seed and mix give the same documents in the same order; a
 * document that was drawn before is drawn anew, up to ten times, and then left in: some kinds
 * (greetings, small sums) have fewer variants than a corpus needs.
 */
export function* corpusDocuments(seed: number, count: number, mix: Mix = broad): Generator<CorpusDocument> {
  const random = seededRandom(seed);
  const seen = new Set<string>();
  for (let made = 0; made < count; made++) {
    const write = kindAt(mix, random.below(100));
    let document = write(random);
    for (let draws = 1; draws < 10 && seen.has(JSON.stringify(document)); draws++) document = write(random);
    seen.add(JSON.stringify(document));
    yield document;
  }
}

/** The kind whose share holds the given hundredth. */
function kindAt(mix: Mix, hundredth: number): (random: Random) => CorpusDocument {
  let passed = 0;
  for (const [kind, write] of Object.entries(kinds)) {
    passed += mix[kind as keyof Mix];
    if (hundredth < passed) return write;
  }
  throw new Error(`The shares of the mix must add up to 100; they add up to ${passed}.`);
}
