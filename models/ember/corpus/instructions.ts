import { conversation, type CorpusDocument } from "./document.ts";
import { kinds, numberWords, opposites } from "./facts.ts";
import { listed, phrasebook, tidy } from "./phrase.ts";
import type { Random } from "./random.ts";
import { words } from "./words.ts";

const upper = (text: string): string => text.replace(/^./u, (letter) => letter.toUpperCase());

const sentences = [
  "The {~colour} {~thing} is in the {~place}.",
  "{~person} likes {~food}.",
  "The {~animal} sleeps.",
  "{~person} went to the {~place} with a {~animal}.",
  "My {~thing} is {~colour}.",
  "The {~job} has {~small} {~animal}s.",
  "{~person} and {~person} eat {~food}.",
  "We meet on {~day} in {~town}.",
  "The sun is warm today.",
  "A {~animal} ran over the street.",
  "{~person} bought a {~thing} in {~town}.",
  "It rained on {~day}.",
];

const moods: Readonly<Record<string, readonly string[]>> = {
  happy: [
    "I won a {thing}!",
    "What a lovely day, everything went well.",
    "I am so glad that {person} is here.",
    "We laughed all evening.",
  ],
  sad: [
    "My {animal} died last week.",
    "I miss {person} so much.",
    "Nobody came to my birthday.",
    "I cried when {person} left.",
  ],
  angry: [
    "{person} broke my {thing} again!",
    "I am furious about the noise.",
    "Stop that at once!",
    "How dare {person} take my {thing}!",
  ],
  afraid: [
    "It is dark and I hear a noise.",
    "I do not dare to go into the {place}.",
    "What if the {animal} bites me?",
    "I am scared of the storm.",
  ],
};
const forms: Readonly<Record<string, readonly string[]>> = {
  question: [
    "Where is the {thing}?",
    "Do you like {food}?",
    "Who is {person}?",
    "When does the train leave?",
  ],
  order: ["Open the window.", "Give me the {thing}.", "Go to the {place}.", "Bring the {food} to {person}."],
  statement: [
    "The {thing} is {colour}.",
    "{person} lives in {town}.",
    "A {animal} is in the {place}.",
    "We ate {food}.",
  ],
};

/** Sorting into groups that the request names; the groups change from row to row. */
function classify(random: Random): CorpusDocument {
  const source = random.below(3);
  const groups = [kinds, moods, forms][source] ?? kinds;
  const names = random.sample(Object.keys(groups), random.between(2, source === 0 ? 5 : 4));
  const answer = random.pick(names);
  const item = phrasebook(words, random)(random.pick(groups[answer] ?? []));
  const what = source === 0 ? "word" : "sentence";
  const list = names.join(", ");
  if (random.chance(40)) {
    return conversation([
      `${random.pick(["Classify", "Choose one group for"])} this ${what} (${listed(names, "or")}): ${item}`,
      answer,
    ]);
  }
  const task = [
    `Classify the ${what}: ${list}.`,
    `Sort the ${what} into one group: ${list}.`,
    `Which one fits the ${what}? ${list}. Answer with one word.`,
  ];
  return conversation([item, answer], random.pick(task));
}

function counting(random: Random): CorpusDocument {
  const start = random.below(12);
  const end = start + random.between(2, 8);
  const range = Array.from({ length: end - start + 1 }, (_, position) => start + position);
  switch (random.below(3)) {
    case 0:
      return conversation([`Count from ${start} to ${end}.`, range.join(", ")]);
    case 1:
      return conversation([`What comes next? ${range.slice(0, -1).join(", ")}`, String(end)]);
    default: {
      const items = random.sample(words["thing"] ?? [], random.between(2, 7));
      return conversation([
        `How many ${random.pick(["words", "things"])} are in this list: ${items.join(", ")}?`,
        `There are ${numberWords[items.length]}.`,
      ]);
    }
  }
}

function aboutSentence(random: Random): CorpusDocument {
  const phrase = phrasebook(words, random);
  const sentence = phrase(random.pick(sentences));
  const tokens = sentence.replace(".", "").split(" ");
  switch (random.below(4)) {
    case 0:
      return conversation([`What is the first word of: ${sentence}`, tokens[0] ?? ""]);
    case 1:
      return conversation([`What is the last word of: ${sentence}`, tokens.at(-1) ?? ""]);
    case 2:
      return conversation([`How many words: ${sentence}`, String(tokens.length)]);
    default:
      return conversation([
        `Write in capital letters: ${tokens.slice(0, 4).join(" ")}`,
        tokens.slice(0, 4).join(" ").toUpperCase(),
      ]);
  }
}

const everyWord = Object.values(words).flat();

/** Saying the same again: sentences, names, words in a row, numbers. */
function copying(random: Random): CorpusDocument {
  const phrase = phrasebook(words, random);
  const text = random.pick([
    () => phrase(random.pick(sentences)),
    () => `${phrase(random.pick(sentences))} ${phrase(random.pick(sentences))}`,
    () => random.sample(everyWord, random.between(2, 8)).join(" "),
    () => random.sample(everyWord, random.between(8, 24)).join(" "),
    () => random.sample(everyWord, random.between(3, 12)).join(", "),
    () => phrase("{person} {family}"),
    () => Array.from({ length: random.between(2, 6) }, () => random.below(100)).join(" "),
  ])();
  const ask = random.pick(["Repeat", "Repeat after me", "Say", "Say again", "Write this again", "Copy"]);
  return random.chance(80)
    ? conversation([`${ask}: ${text}`, text])
    : conversation(
        [text, text],
        random.pick(["Repeat what I say.", "Say the same again.", "Copy every message."]),
      );
}

function extract(random: Random): CorpusDocument {
  const phrase = phrasebook(words, random);
  const text = phrase(
    "{person} met {man} [in {town}|at the {place}] on {day}[ and gave {man} a {thing}| and they ate {food}|].",
  );
  const day = phrase("{day}");
  return random.chance(50)
    ? conversation([`${text}\n\n${random.pick(["On which day was it?", "Which day?"])}`, `On ${day}.`])
    : conversation([`${text}\n\nWho met ${phrase("{man}")}?`, `${phrase("{person}")}.`]);
}

function choosing(random: Random): CorpusDocument {
  const [kind, other] = random.sample(Object.keys(kinds), 2);
  const group = random.sample(kinds[kind ?? ""] ?? [], 3);
  const stranger = random.pick((kinds[other ?? ""] ?? []).filter((word) => !group.includes(word)));
  const mixed = random.sample([...group, stranger], 4);
  switch (random.below(3)) {
    case 0:
      return conversation([
        `Which word does not fit: ${mixed.join(", ")}?`,
        `${upper(stranger)}, because it is a ${other}.`,
      ]);
    case 1:
      return conversation(
        [`Which of these is a ${other}: ${mixed.join(", ")}?`, `${upper(stranger)}.`].map(tidy),
      );
    default: {
      const [a, b] = random.pick(opposites);
      const fits = random.chance(50);
      return conversation([
        `Is ${a} the opposite of ${fits ? b : random.pick(opposites.filter(([word]) => word !== a))[1]}?`,
        fits ? "Yes." : "No.",
      ]);
    }
  }
}

function writing(random: Random): CorpusDocument {
  const phrase = phrasebook(words, random);
  const [ask, answer] = random.pick([
    [
      "Write a sentence about a {animal}.",
      "The {animal} [runs over the grass|sleeps in the sun|looks for food|lives near the {place}].",
    ],
    [
      "Write a sentence with the word {thing}.",
      "[{person} has a {colour} {thing}|The {thing} is in the {place}|I found a {thing}].",
    ],
    [
      "Write a sentence about {person}.",
      "{person} [likes {food}|is a {job}|lives in {town}|has a {colour} {thing}].",
    ],
    ["Name a colour.", "{colour}."],
    [
      "Write a [short|kind] letter to {person}.",
      "Dear {person},\nI hope that you are well. [I often think of you.|I was in {town} last week.|It is a lovely day here.] [Please write soon.|Come and see me soon.]\nBest wishes",
    ],
    ["Answer yes or no: is a {animal} an animal?", "Yes."],
    ["Answer yes or no: is a {thing} an animal?", "No."],
  ] as const);
  return conversation([phrase(ask), phrase(answer)]);
}

/** One-line tasks: repeat, count, classify, choose, find in a text, write. */
export function instruction(random: Random): CorpusDocument {
  return random.pick([
    classify,
    classify,
    counting,
    copying,
    copying,
    copying,
    aboutSentence,
    extract,
    choosing,
    writing,
  ])(random);
}
