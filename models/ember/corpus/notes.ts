import { cooking, garden, health, sport, travel, weather } from "./areas/home.ts";
import type { Area } from "./areas/area.ts";
import { faults } from "./areas/faults.ts";
import { meetings } from "./areas/meetings.ts";
import { money } from "./areas/money.ts";
import { safety } from "./areas/safety.ts";
import { wishes } from "./areas/wishes.ts";
import { areaKeywords } from "./keywords.ts";
import { conversation, type CorpusDocument } from "./document.ts";
import { listed, phrasebook, type Phrasebook } from "./phrase.ts";
import type { Random } from "./random.ts";
import { words } from "./words.ts";

/** The areas of office life come more often: letters at work are what the model is tuned on most. */
const office = [money, faults, wishes, safety, meetings] as const;
const home = [cooking, weather, sport, travel, garden, health] as const;
export const areas: readonly Area[] = [...office, ...home];

const keywords = areaKeywords(areas);

interface Told {
  readonly text: string;
  readonly gist: string;
  readonly phrase: Phrasebook;
  readonly area: Area;
}

const drawArea = (random: Random): Area => (random.chance(75) ? random.pick(office) : random.pick(home));

function speaker(area: Area, random: Random, first: boolean): { phrase: Phrasebook; subject: string } {
  const woman = random.chance(50);
  const phrase = phrasebook(words, random);
  phrase.set("my", first ? "my" : woman ? "her" : "his");
  phrase.set("me", first ? "me" : woman ? "her" : "him");
  phrase.set("I", first ? "I" : woman ? "she" : "he");
  const name = random.pick(words[woman ? "woman" : "man"] ?? []);
  const roles =
    area === meetings ? ["a friend", "a guest", "a neighbour"] : ["a customer", "a user", "a client"];
  const known = (office as readonly Area[]).includes(area) ? [name, name, ...roles] : [name];
  return { phrase, subject: first ? "I" : random.pick(known) };
}

/** What happened to somebody, told by others (a note) or by that person (a message). */
function tell(area: Area, random: Random, first: boolean): Told {
  const { phrase, subject } = speaker(area, random, first);
  const event = random.pick(area.events);
  const past = random.pick(event.past);
  const when = random.chance(30)
    ? random.pick(["On {day}", "In {month}", "Last week", "Yesterday", "This morning"])
    : "";
  const sentences = [when === "" ? `${subject} ${past}.` : `${when} ${subject} ${past}.`];
  if (random.chance(25)) {
    const more = random.pick(event.past);
    const pronoun = first ? "I" : "{I}";
    const again = first || subject.startsWith("a ") || random.chance(50) ? pronoun : subject;
    if (more !== past)
      sentences.push(
        `${random.pick(["Then", "Later", "Also,", "The next day", "Before that"])} ${again} ${more}.`,
      );
  }
  if (random.chance(50)) sentences.push(random.pick(area.general));
  if (random.chance(first ? 25 : 65)) sentences.push(random.pick(area.replies));
  if (random.chance(15)) sentences.push(random.pick(area.general));
  return { text: phrase(sentences.join(" ")), gist: event.gist, phrase, area };
}

const openings = [
  "I [work|am] at {firm} in {town}.",
  "We are a small [firm|school|shop|office] in {town}.",
  "I have known {app} for [a year|a long time|{small} months].",
  "[I hope this letter finds you well.|I do not know whom to ask.|I write for the first time.]",
  "[{~person} gave me your address.|{~person} said that you can help.|I called you {time}.]",
  "It is about {app}.",
];
const endings = [
  "[Thank you|Thanks|Many thanks] for [your answer|everything|reading this].",
  "[Please write back|Please answer|Please call me][ soon| {time}|].",
  "[What can I do?|Can you help me?|Who can help?|Please help.]",
  "[Best wishes|All the best|Have a good day|Kind greetings|See you soon].",
];

/** A letter in the first person, with or without the lines around it. */
function letter(area: Area, random: Random): Told {
  const told = tell(area, random, true);
  const { phrase } = told;
  const name = random.pick(words["person"] ?? []);
  const full = `${name} ${phrase("{~family}")}`;
  const address = `${name.toLowerCase()}@${random.pick(words["domain"] ?? [])}.example`;
  const subject = random.chance(50) ? random.pick(area.terms)[0] : random.pick(area.about);
  const head = random.pick([
    `Message from ${name}:\n`,
    `${full} wrote ${random.pick(words["time"] ?? [])}:\n`,
    `To: office\nFrom: ${full}\n\n`,
    `From: ${full} <${address}>\nSubject: ${phrase(subject)}\n\n`,
    `From: ${full} <${address}>\nSubject: ${phrase(subject)}\n\n`,
    "Dear friends,\n",
    phrase("[Hello|Hi|Dear] {~person}").concat(",\n"),
    "",
  ]);
  const body = [
    random.chance(30) ? phrase(random.pick(openings)) : "",
    told.text,
    random.chance(40) ? phrase(random.pick(endings)) : "",
  ].filter((part) => part !== "");
  const end = random.chance(40)
    ? `\n${random.pick(["", "", "Thanks, ", "Best wishes, ", "Yours, "])}${name}`
    : "";
  return { ...told, text: `${head}${body.join(" ")}${end}` };
}

/** A note of three to five events of one area, one a day. */
function diary(area: Area, random: Random): string {
  const days = random.sample(words["day"] ?? [], random.between(2, 4));
  const lines = days.map((day) => {
    const { phrase, subject } = speaker(area, random, false);
    return phrase(`${day}: ${subject} ${random.pick(random.pick(area.events).past)}.`);
  });
  return lines.join("\n");
}

function glossary(area: Area, random: Random): string {
  const phrase = phrasebook(words, random);
  const entries = random.sample(area.terms, random.between(2, 4));
  return entries
    .map(([term, meaning]) =>
      phrase(`${random.pick(["A {term} is", "The word {term} means"]).replace("{term}", term)} ${meaning}.`),
    )
    .join(" ");
}

function talkAboutText(random: Random): CorpusDocument {
  const told = random.chance(60) ? letter(drawArea(random), random) : tell(drawArea(random), random, false);
  const about = random.pick(told.area.about);
  const person = random.pick(["The writer", "The person"]);
  const gist = `${person} ${told.gist}.`;
  switch (random.below(5)) {
    case 0:
      return conversation([
        `${random.pick(["Summarise", "Summarise this", "Say it in one sentence", "Make it short"])}: ${told.text}`,
        gist,
      ]);
    case 1:
      return conversation([
        `${told.text}\n\n${random.pick(["What is this about?", "What is the text about?", "Topic?"])}`,
        `It is about ${about}.`,
      ]);
    case 2:
      return conversation(
        [told.text, `${gist} It is about ${about}.`],
        random.pick([
          "Say what the message is about.",
          "Tell me in short what people write.",
          "You read letters and say what they are about.",
        ]),
      );
    case 3:
      return conversation([`${told.text}\n\nWhat does the ${random.pick(["writer", "person"])} want?`, gist]);
    default: {
      const other = random.pick(areas.filter((area) => area !== told.area));
      const yes = random.chance(50);
      return conversation([
        `${told.text}\n\nIs this about ${yes ? about : random.pick(other.about)}?`,
        yes ? `Yes, it is about ${about}.` : `No, it is about ${about}.`,
      ]);
    }
  }
}

/** A few typical words in a row, and what they have in common. */
function talkAboutWords(random: Random): CorpusDocument {
  const area = drawArea(random);
  const list = random.sample(keywords.get(area) ?? [], random.between(2, 7)).join(", ");
  const about = random.pick(area.about);
  return random.pick([
    conversation([`Words: ${list}. What are they about?`, `They are about ${about}.`]),
    conversation([`${list}\n\nTopic?`, `It is about ${about}.`]),
    conversation([list, `They are about ${about}.`], "Say what the words are about."),
    { text: `Words about ${about}: ${list}.` },
  ]);
}

/** Sorting a text or a list of words into one of a few groups, which change from row to row. */
function sortIntoGroup(random: Random): CorpusDocument {
  const area = drawArea(random);
  const others = random.sample(
    areas.filter((other) => other !== area),
    random.between(1, 5),
  );
  const groups = random.sample([area, ...others], 6).map(({ group }) => group);
  const text = random.pick([
    () => letter(area, random).text,
    () => letter(area, random).text,
    () => tell(area, random, false).text,
    () => random.sample(keywords.get(area) ?? [], random.between(2, 6)).join(", "),
  ])();
  const list = groups.join(", ");
  return random.chance(70)
    ? conversation(
        [text, area.group],
        random.pick([
          `Sort the text. Answer with one group: ${list}.`,
          `Choose one group for what you read: ${list}.`,
          `Groups: ${list}. Answer with one word.`,
          `Which group is it? ${list}.`,
        ]),
      )
    : conversation([
        `${random.pick(["Which group fits", "Choose one group"])} (${listed(groups, "or")})?\n${text}`,
        area.group,
      ]);
}

/** One short hint at an area: a few of its words, a term, or one sentence. */
function hint(area: Area, random: Random): string {
  const phrase = phrasebook(words, random);
  return random.pick([
    () => random.sample(keywords.get(area) ?? [], random.between(1, 4)).join(", "),
    () => random.sample(keywords.get(area) ?? [], random.between(1, 4)).join(" "),
    () => phrase(random.pick(area.terms)[0]),
    () => phrase(random.pick(area.general)),
    () => phrase(random.pick(area.replies)),
    () => {
      const told = speaker(area, random, random.chance(60));
      return told.phrase(`${told.subject} ${random.pick(random.pick(area.events).past)}.`);
    },
  ])();
}

/** Many short hints in one document, each with its group: the densest way to learn what belongs where. */
function sortMany(random: Random): CorpusDocument {
  const groups = random.sample(areas, random.between(3, 6));
  const items = Array.from({ length: random.between(4, 8) }, () => random.pick(groups));
  const list = random
    .sample(groups, 6)
    .map(({ group }) => group)
    .join(", ");
  if (random.chance(35))
    return { text: items.map((area) => `${hint(area, random)} -> ${area.group}`).join("\n") };
  return conversation(
    items.flatMap((area) => [hint(area, random), area.group]),
    random.pick([
      `Sort each text into a group: ${list}.`,
      `Groups: ${list}. Answer with one word.`,
      `Say which group it is: ${list}.`,
    ]),
  );
}

function talkAboutTerm(random: Random): CorpusDocument {
  const area = drawArea(random);
  const [term, meaning] = random.pick(area.terms);
  const phrase = phrasebook(words, random);
  const definition = phrase(`A ${term} is ${meaning}.`);
  switch (random.below(4)) {
    case 0:
      return conversation([`What do we call ${meaning}?`, phrase(`A ${term}.`)]);
    case 1:
      return conversation([
        phrase(`${random.pick(["Name", "Tell me"])} three words about ${random.pick(area.about)}.`),
        `${listed(random.sample(area.terms, 3).map(([word]) => word)).replace(/^./u, (letter) => letter.toUpperCase())}.`,
      ]);
    default:
      return conversation([
        phrase(random.pick([`What is a ${term}?`, `Explain the word ${term}.`, `What does ${term} mean?`])),
        definition,
      ]);
  }
}

/** Notes, letters, diaries and glossaries about the areas, as text and as conversations. */
export function note(random: Random): CorpusDocument {
  const kind = random.below(100);
  if (kind < 12) return { text: tell(drawArea(random), random, false).text };
  if (kind < 24) return { text: letter(drawArea(random), random).text };
  if (kind < 27) return { text: diary(drawArea(random), random) };
  if (kind < 31) return { text: glossary(drawArea(random), random) };
  if (kind < 56) return talkAboutText(random);
  if (kind < 64) return talkAboutWords(random);
  if (kind < 80) return sortIntoGroup(random);
  if (kind < 92) return sortMany(random);
  return talkAboutTerm(random);
}
