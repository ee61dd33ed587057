import { conversation, type CorpusDocument } from "./document.ts";
import { phrasebook } from "./phrase.ts";
import type { Random } from "./random.ts";
import { words } from "./words.ts";

interface Plot {
  readonly title: string;
  readonly short: string;
  readonly parts: readonly string[];
}

/** `{hero}`, `{they}`, `{their}` follow one person; `{friend}` is another. */
const plots: readonly Plot[] = [
  {
    title: "a lost thing",
    short: "{hero} lost {article} {thing} and found it again {in} the {place}",
    parts: [
      "[One day|One morning|Once] {hero} lost {their} {colour} {thing}.",
      "{They} looked [under the bed|behind the door|in every corner|in the house], but it was not there.",
      '[{friend} said: "Let us look {in} the {place}."|{friend} wanted to help.|Then {they} asked {friend}.]',
      "[A {animal} sat there|They walked a long way|It was getting dark], and there was the {thing}, {in} the {place}.",
      "{hero} was [happy|very glad|so happy that {they} laughed].",
      "[Since then {they} [keeps|puts] the {thing} in a safe place.|{They} thanked {friend}.|They went home together.|]",
    ],
  },
  {
    title: "a new friend",
    short: "{hero} met a {animal} and they became friends",
    parts: [
      "[Once there was|There was] a [small|young|shy|lonely] {animal} that lived near the {place}.",
      "{hero} saw it [on the way home|in the rain|one morning] and [stopped|smiled|sat down].",
      '["Are you hungry?" {they} asked.|The {animal} was afraid at first.|The {animal} looked at {their} {thing}.]',
      "{hero} gave it some {food}, and the {animal} [ate it all|came closer|was not afraid any more].",
      "[They played until the evening.|They sat in the sun.|They ran around the {place}.]",
      "[From that day on|After that] they were [friends|the best of friends].",
    ],
  },
  {
    title: "a brave deed",
    short: "{hero} helped a {animal} that was in trouble",
    parts: [
      "{hero} [was walking|was playing] {in} the {place}.",
      "Suddenly {they} heard a [cry|noise]: a {animal} [had fallen into the water|could not get out of a hole|was stuck in a tree].",
      '[{hero} was afraid, but {they} did not run away.|Nobody else was there.|"I will help you," said {hero}.]',
      "{They} took [a long stick|a rope|a ladder|{their} coat] and [pulled|lifted] the {animal} out.",
      "The {animal} was [wet|tired|cold], but safe.",
      "[Everybody said that {hero} was brave.|{friend} was proud of {hero}.|{hero} took it home and gave it {food}.]",
    ],
  },
  {
    title: "a gift",
    short: "{hero} made {food} for {friend} as a gift",
    parts: [
      "It was the birthday of {friend}.",
      "{hero} had [no money|only a little money|no idea] for a gift.",
      '["What can I do?" {they} thought.|{They} thought for a long time.]',
      "So {they} went to the kitchen and made {food}.",
      "[It took all day.|It smelled good.|The first try was bad, but the second was good.]",
      '{friend} said: "[This is the best gift of all|Thank you, {hero}|I like it very much]."',
    ],
  },
  {
    title: "an argument",
    short: "{hero} and {friend} both wanted the {thing} and learned to share",
    parts: [
      "{hero} and {friend} found a {colour} {thing} {in} the {place}.",
      '"It is mine!" said {hero}. "No, it is mine!" said {friend}.',
      "[They pulled and pulled.|They were angry.|They did not talk for an hour.]",
      "[The thing fell down.|A {animal} came and looked at them.|An old {job} came by.]",
      '["Why not share it?" said a voice.|"You can both have it," said the {job}.]',
      "They [shared the {thing}|played together] and [were friends again|laughed].",
    ],
  },
  {
    title: "learning something",
    short: "{hero} wanted to be a {job} and learned it step by step",
    parts: [
      "{hero} wanted to be a {job}.",
      "[At first everything went wrong.|The first day was hard.|{They} did not know how to begin.]",
      '"[Do not give up|Try again|Take your time]," said {friend}.',
      "{hero} tried [again and again|every day|for a year].",
      "[In the end|At last] {they} could do it.",
      "Now {hero} is [a good {job}|the best {job} in {town}|a happy {job}].",
    ],
  },
];

const inPlace = (place: string): string =>
  ["market", "river", "beach", "farm", "station"].includes(place) ? "at" : place === "mountain" ? "on" : "in";

/** A short story in five or six sentences, with the sentence that sums it up. */
export function tellStory(random: Random): { title: string; text: string; short: string; hero: string } {
  const plot = random.pick(plots);
  const phrase = phrasebook(words, random);
  const woman = random.chance(50);
  const hero = random.pick(words[woman ? "woman" : "man"] ?? []);
  const friend = random.pick((words["person"] ?? []).filter((name) => name !== hero));
  phrase.set("hero", hero);
  phrase.set("friend", friend);
  phrase.set("they", woman ? "she" : "he");
  phrase.set("They", woman ? "She" : "He");
  phrase.set("their", woman ? "her" : "his");
  phrase.set("article", woman ? "her" : "his");
  phrase.set("in", inPlace(phrase("{place}").toLowerCase()));
  phrase.set("place", phrase("{place}").toLowerCase());
  const parts = plot.parts.filter((_, position) => position === 0 || position > 3 || random.chance(85));
  return { title: plot.title, text: phrase(parts.join(" ")), short: `${phrase(plot.short)}.`, hero };
}

/** A story as plain text, on request, to be summed up, or with a question about it. */
export function story(random: Random): CorpusDocument {
  const told = tellStory(random);
  const kind = random.below(100);
  if (kind < 55) return { text: told.text };
  if (kind < 70)
    return conversation([
      random.pick([
        `Tell me a story about ${told.title}.`,
        `Write a short story about ${told.hero}.`,
        "Tell me a story.",
        "Tell me a short story, please.",
      ]),
      told.text,
    ]);
  if (kind < 90)
    return conversation([
      `${random.pick(["Summarise", "Summarise the story", "Sum up in one sentence", "Make it short"])}: ${told.text}`,
      told.short,
    ]);
  return conversation([
    `${told.text}\n\n${random.pick(["Who is the story about?", "What is the name of the main person?"])}`,
    random.pick([`It is about ${told.hero}.`, `${told.hero}.`]),
  ]);
}
