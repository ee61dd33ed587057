import { conversation, type CorpusDocument } from "./document.ts";
import { listed, tidy } from "./phrase.ts";
import type { Random } from "./random.ts";

const capitals: readonly (readonly [string, string])[] = [
  ["France", "Paris"],
  ["Germany", "Berlin"],
  ["Italy", "Rome"],
  ["Spain", "Madrid"],
  ["Portugal", "Lisbon"],
  ["Austria", "Vienna"],
  ["England", "London"],
  ["Ireland", "Dublin"],
  ["Greece", "Athens"],
  ["Poland", "Warsaw"],
  ["Norway", "Oslo"],
  ["Sweden", "Stockholm"],
  ["Finland", "Helsinki"],
  ["Denmark", "Copenhagen"],
  ["Belgium", "Brussels"],
  ["Hungary", "Budapest"],
  ["Japan", "Tokyo"],
  ["China", "Beijing"],
  ["India", "New Delhi"],
  ["Egypt", "Cairo"],
  ["Canada", "Ottawa"],
  ["Russia", "Moscow"],
  ["Switzerland", "Bern"],
  ["Turkey", "Ankara"],
];
const animals: readonly { name: string; legs: number; sound?: string; home: string; eats: string }[] = [
  { name: "dog", legs: 4, sound: "woof", home: "in a house", eats: "meat" },
  { name: "cat", legs: 4, sound: "meow", home: "in a house", eats: "mice" },
  { name: "cow", legs: 4, sound: "moo", home: "on a farm", eats: "grass" },
  { name: "duck", legs: 2, sound: "quack", home: "on a lake", eats: "plants" },
  { name: "sheep", legs: 4, sound: "baa", home: "on a farm", eats: "grass" },
  { name: "horse", legs: 4, home: "on a farm", eats: "grass" },
  { name: "lion", legs: 4, sound: "roar", home: "in Africa", eats: "meat" },
  { name: "owl", legs: 2, home: "in the forest", eats: "mice" },
  { name: "spider", legs: 8, home: "in a web", eats: "flies" },
  { name: "bee", legs: 6, sound: "buzz", home: "in a hive", eats: "nectar" },
  { name: "fish", legs: 0, home: "in water", eats: "small animals" },
  { name: "snake", legs: 0, sound: "hiss", home: "in the grass", eats: "mice" },
  { name: "rabbit", legs: 4, home: "in a hole", eats: "carrots" },
  { name: "bear", legs: 4, home: "in the forest", eats: "honey and fish" },
  { name: "frog", legs: 4, home: "in a pond", eats: "flies" },
];
const colours: readonly (readonly [string, string])[] = [
  ["the sky on a clear day", "blue"],
  ["grass", "green"],
  ["snow", "white"],
  ["a ripe banana", "yellow"],
  ["blood", "red"],
  ["coal", "black"],
  ["milk", "white"],
  ["a carrot", "orange"],
  ["a tomato", "red"],
  ["a lemon", "yellow"],
  ["chocolate", "brown"],
  ["the night", "black"],
];
export const opposites: readonly (readonly [string, string])[] = [
  ["big", "small"],
  ["hot", "cold"],
  ["old", "new"],
  ["fast", "slow"],
  ["happy", "sad"],
  ["light", "dark"],
  ["open", "closed"],
  ["full", "empty"],
  ["wet", "dry"],
  ["up", "down"],
  ["left", "right"],
  ["day", "night"],
  ["high", "low"],
  ["long", "short"],
  ["hard", "soft"],
  ["loud", "quiet"],
  ["rich", "poor"],
  ["early", "late"],
  ["strong", "weak"],
  ["good", "bad"],
  ["easy", "difficult"],
  ["near", "far"],
  ["first", "last"],
  ["begin", "end"],
];
const uses: readonly (readonly [string, string])[] = [
  ["a knife", "cut"],
  ["a pen", "write"],
  ["a bed", "sleep"],
  ["a cup", "drink"],
  ["a chair", "sit"],
  ["a lamp", "make light"],
  ["a key", "open a door"],
  ["a phone", "talk to people far away"],
  ["a clock", "see the time"],
  ["a car", "drive"],
  ["an umbrella", "stay dry in the rain"],
  ["a book", "read"],
  ["a spoon", "eat soup"],
  ["a ladder", "climb up"],
  ["a map", "find the way"],
  ["a needle", "sew"],
];
const jobs: readonly (readonly [string, string])[] = [
  ["teacher", "teaches children"],
  ["baker", "bakes bread"],
  ["doctor", "helps ill people"],
  ["farmer", "grows food"],
  ["pilot", "flies a plane"],
  ["painter", "paints pictures"],
  ["cook", "makes meals"],
  ["singer", "sings songs"],
  ["gardener", "cares for plants"],
  ["writer", "writes books"],
  ["driver", "drives a car or a bus"],
  ["tailor", "makes clothes"],
];
const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
export const numberWords = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
  "thirteen",
  "fourteen",
  "fifteen",
  "sixteen",
  "seventeen",
  "eighteen",
  "nineteen",
  "twenty",
];

/** Kinds of things with their members; also what the classifying instructions draw from. */
export const kinds: Readonly<Record<string, readonly string[]>> = {
  fruit: ["apple", "banana", "pear", "cherry", "orange", "grape", "lemon", "plum"],
  vegetable: ["carrot", "potato", "onion", "bean", "pea", "tomato", "cabbage"],
  animal: ["dog", "cat", "horse", "cow", "lion", "rabbit", "fox", "bear", "frog"],
  tool: ["hammer", "saw", "spade", "knife", "needle", "drill", "brush"],
  vehicle: ["car", "bus", "train", "ship", "plane", "bike", "truck"],
  colour: ["red", "blue", "green", "yellow", "black", "white", "brown"],
  job: ["teacher", "baker", "doctor", "farmer", "pilot", "cook", "nurse"],
  city: ["Paris", "London", "Berlin", "Rome", "Oslo", "Tokyo", "Madrid"],
  drink: ["water", "milk", "tea", "coffee", "juice", "lemonade"],
  clothing: ["shirt", "coat", "hat", "shoe", "sock", "dress"],
};

interface Fact {
  readonly ask: readonly string[];
  readonly say: string;
}

const after = (list: readonly string[], position: number, step: number): string =>
  list[(position + step + list.length) % list.length] ?? "";

function drawFact(random: Random): Fact {
  switch (random.below(13)) {
    case 0: {
      const [land, city] = random.pick(capitals);
      return {
        ask: [`What is the capital of ${land}?`, `Which city is the capital of ${land}?`],
        say: `The capital of ${land} is ${city}.`,
      };
    }
    case 1: {
      const [land, city] = random.pick(capitals);
      return { ask: [`Where is ${city}?`, `In which country is ${city}?`], say: `${city} is in ${land}.` };
    }
    case 2: {
      const animal = random.pick(animals);
      return {
        ask: [`How many legs does a ${animal.name} have?`],
        say: `A ${animal.name} has ${animal.legs === 0 ? "no" : numberWords[animal.legs]} legs.`,
      };
    }
    case 3: {
      const animal = random.pick(animals.filter(({ sound }) => sound !== undefined));
      return {
        ask: [`What does a ${animal.name} say?`, `What sound does a ${animal.name} make?`],
        say: `A ${animal.name} says ${animal.sound}.`,
      };
    }
    case 4: {
      const animal = random.pick(animals);
      return random.chance(50)
        ? { ask: [`Where does a ${animal.name} live?`], say: `A ${animal.name} lives ${animal.home}.` }
        : { ask: [`What does a ${animal.name} eat?`], say: `A ${animal.name} eats ${animal.eats}.` };
    }
    case 5: {
      const [thing, colour] = random.pick(colours);
      return { ask: [`What colour is ${thing}?`], say: `${thing} is ${colour}.` };
    }
    case 6: {
      const [one, two] = random.pick(opposites);
      const [a, b] = random.chance(50) ? [one, two] : [two, one];
      return {
        ask: [`What is the opposite of ${a}?`, `Opposite of ${a}?`],
        say: `The opposite of ${a} is ${b}.`,
      };
    }
    case 7: {
      const [thing, use] = random.pick(uses);
      return {
        ask: [`What is ${thing} for?`, `What can you do with ${thing}?`],
        say: `With ${thing} you can ${use}.`,
      };
    }
    case 8: {
      const [job, does] = random.pick(jobs);
      return random.chance(50)
        ? { ask: [`What does a ${job} do?`], say: `A ${job} ${does}.` }
        : { ask: [`Who ${does}?`], say: `A ${job} ${does}.` };
    }
    case 9: {
      const position = random.below(7);
      return random.chance(50)
        ? {
            ask: [`Which day comes after ${days[position]}?`, `What day is after ${days[position]}?`],
            say: `After ${days[position]} comes ${after(days, position, 1)}.`,
          }
        : {
            ask: [`Which day comes before ${days[position]}?`],
            say: `Before ${days[position]} comes ${after(days, position, -1)}.`,
          };
    }
    case 10: {
      const position = random.below(12);
      return {
        ask: [`Which month comes after ${months[position]}?`],
        say: `After ${months[position]} comes ${after(months, position, 1)}.`,
      };
    }
    case 11: {
      const a = random.below(11);
      const b = random.below(11);
      return random.chance(60)
        ? {
            ask: [`What is ${a} plus ${b}?`, `${a} + ${b} = ?`, `Add ${a} and ${b}.`],
            say: `${a} plus ${b} is ${a + b}.`,
          }
        : {
            ask: [`What is ${a + b} minus ${b}?`, `${a + b} - ${b} = ?`],
            say: `${a + b} minus ${b} is ${a}.`,
          };
    }
    default: {
      const kind = random.pick(Object.keys(kinds));
      const member = random.pick(kinds[kind] ?? []);
      const named = kind === "city" || kind === "colour" || kind === "drink" ? member : `a ${member}`;
      return { ask: [`What is ${named}?`, `What kind of thing is ${named}?`], say: `${named} is a ${kind}.` };
    }
  }
}

/** Facts as statements, as questions with answers, and lists of things of one kind. */
export function fact(random: Random): CorpusDocument {
  const kind = random.below(100);
  if (kind < 25)
    return {
      text: tidy(Array.from({ length: random.between(2, 6) }, () => tidy(drawFact(random).say)).join(" ")),
    };
  if (kind < 32) {
    const name = random.pick(Object.keys(kinds));
    const members = random.sample(kinds[name] ?? [], 3);
    return conversation([
      `Name three things of the kind ${name}.`,
      `${listed(members).replace(/^./u, (letter) => letter.toUpperCase())}.`,
    ]);
  }
  const turns: string[] = [];
  for (let count = random.pick([1, 1, 2, 3]); count > 0; count--) {
    const { ask, say } = drawFact(random);
    turns.push(tidy(random.pick(ask)), tidy(say));
  }
  return conversation(
    turns,
    random.chance(20)
      ? random.pick(["Answer the question.", "You are a helpful assistant.", "Answer in one sentence."])
      : undefined,
  );
}
