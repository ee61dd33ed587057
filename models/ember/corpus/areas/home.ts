import type { Area } from "./area.ts";

export const cooking: Area = {
  name: "cooking",
  group: "cooking",
  about: ["food", "cooking", "something to eat"],
  events: [
    {
      gist: "cooked a meal",
      past: [
        "cooked [soup|rice|pasta|fish|potatoes] for {small} people",
        "baked [bread|a cake|an apple pie] [with honey|with nuts|]",
        "cut the [onions|carrots|tomatoes] and put them into a pot",
        "made a salad with [cheese|eggs|tomatoes]",
      ],
    },
    {
      gist: "had trouble in the kitchen",
      past: [
        "burned the [soup|cake|bread]",
        "forgot the [salt|sugar|milk]",
        "put too much [pepper|salt] into the pot",
      ],
    },
    {
      gist: "bought food",
      past: ["bought [apples|milk|eggs|flour] at the market", "looked for fresh [fish|bread|fruit]"],
    },
  ],
  replies: [
    "The soup [was too hot|tasted good|was cold].",
    "Everybody [ate a second plate|was full|asked for the recipe].",
    "The kitchen smelled of [bread|honey|onions].",
  ],
  general: [
    "Bread is made of flour, water and salt.",
    "[Fruit|Vegetables] should be washed.",
    "A cake needs [an hour|forty minutes] in the oven.",
    "Breakfast is the first meal of the day.",
  ],
  terms: [
    ["recipe", "a text that says how to cook something"],
    ["oven", "a hot box for baking"],
    ["knife", "a tool to cut with"],
    ["breakfast", "the first meal of the day"],
    ["salad", "a cold meal of leaves and vegetables"],
  ],
};

export const weather: Area = {
  name: "weather",
  group: "weather",
  about: ["the weather", "rain, sun and wind"],
  events: [
    {
      gist: "was caught by bad weather",
      past: [
        "got wet in the rain",
        "lost {my} hat in the wind",
        "stayed at home because of the [storm|snow|rain]",
        "heard the thunder and ran home",
      ],
    },
    {
      gist: "enjoyed the good weather",
      past: [
        "sat in the sun all day",
        "swam in the lake, because it was hot",
        "saw a rainbow over the [river|hill|town]",
      ],
    },
  ],
  replies: [
    "The [rain|storm|snow] stopped [in the evening|after an hour].",
    "The clouds [went away|came back].",
    "The sun [came out|went down].",
  ],
  general: [
    "In winter it is cold and it may snow.",
    "In summer the days are long and warm.",
    "Dark clouds often bring rain.",
    "The wind was [strong|cold|soft].",
  ],
  terms: [
    ["rain", "water that falls from clouds"],
    ["snow", "frozen water that falls in winter"],
    ["storm", "a strong wind with rain"],
    ["cloud", "water that floats in the sky"],
    ["rainbow", "coloured light in the sky after rain"],
  ],
};

export const sport: Area = {
  name: "sport",
  group: "sport",
  about: ["sport", "a game", "a match"],
  events: [
    {
      gist: "won a game",
      past: [
        "won the [match|race|game] against {person}",
        "scored {small} goals",
        "ran faster than all others",
      ],
    },
    {
      gist: "lost a game",
      past: [
        "lost the [match|race|game]",
        "fell and hurt {my} [knee|foot|arm]",
        "was too slow to win the race",
      ],
    },
    {
      gist: "trains for a race",
      past: ["trained every day for the race", "learned to [swim|ski|play tennis|ride a bike]"],
    },
  ],
  replies: [
    "The crowd [clapped|sang|was quiet].",
    "The team [won a cup|trained harder|went home happy].",
    "The coach [was proud|shook hands with both teams].",
  ],
  general: [
    "Football is played by two teams of eleven.",
    "Swimming is good for the back.",
    "A race is won by the fastest.",
    "Tennis is played with a small yellow ball.",
  ],
  terms: [
    ["goal", "a point in football"],
    ["team", "people who play together"],
    ["coach", "a person who trains a team"],
    ["race", "a game about who is the fastest"],
    ["winner", "the one who comes first"],
  ],
};

export const travel: Area = {
  name: "travel",
  group: "travel",
  about: ["a journey", "travel", "a trip to another place"],
  events: [
    {
      gist: "went on a journey",
      past: [
        "[took the train|flew|drove|sailed] to {town}",
        "packed a [large|small] suitcase",
        "stayed in a hotel by the [sea|lake|river]",
        "walked through the old streets of {town}",
      ],
    },
    {
      gist: "had trouble on the way",
      past: ["missed the [train|plane|bus]", "got lost in {town}", "forgot {my} passport at home"],
    },
  ],
  replies: [
    "The hotel [was clean and quiet|had a view of the sea|was full].",
    "The journey took {small} hours.",
    "A kind woman showed the way to the [station|museum|harbour].",
  ],
  general: [
    "A train runs on rails.",
    "Planes are faster than ships.",
    "A map shows the way.",
    "Many people travel in {month}.",
  ],
  terms: [
    ["suitcase", "a box for clothes on a journey"],
    ["passport", "a small book that is needed to travel"],
    ["hotel", "a house where travellers sleep"],
    ["map", "a picture of streets and places"],
    ["airport", "a place where planes start and land"],
  ],
};

export const garden: Area = {
  name: "garden",
  group: "garden",
  about: ["plants", "a garden", "flowers and trees"],
  events: [
    {
      gist: "works in the garden",
      past: [
        "planted [roses|tomatoes|an apple tree|beans]",
        "watered the flowers [in the evening|every day]",
        "cut the grass",
        "picked [apples|cherries|berries] from the tree",
      ],
    },
    {
      gist: "has trouble with plants",
      past: [
        "found [snails|holes] in the leaves",
        "forgot to water the plants",
        "lost the roses in a cold night",
      ],
    },
  ],
  replies: [
    "The flowers [grew fast|were red and white|smelled sweet].",
    "The tree [gave many apples|lost its leaves].",
    "The neighbour brought [seeds|a spade|a basket].",
  ],
  general: [
    "Plants need light and water.",
    "In autumn the leaves fall.",
    "Bees visit the flowers.",
    "Seeds grow into plants.",
  ],
  terms: [
    ["seed", "the small thing from which a plant grows"],
    ["tree", "a tall plant with wood"],
    ["rose", "a flower with thorns"],
    ["spade", "a tool to dig with"],
    ["bee", "an insect that makes honey"],
  ],
};

export const health: Area = {
  name: "health",
  group: "health",
  about: ["health", "a doctor", "somebody who is ill"],
  events: [
    {
      gist: "is ill",
      past: [
        "had a [cold|fever|headache|cough]",
        "went to the doctor with a sore [throat|arm|knee]",
        "stayed in bed for {small} days",
        "broke {my} [leg|arm]",
      ],
    },
    {
      gist: "lives in a healthy way",
      past: [
        "slept eight hours and felt well",
        "walked every day to stay healthy",
        "ate more fruit and vegetables",
      ],
    },
  ],
  replies: [
    "The doctor [gave some medicine|looked into the throat|said it was not bad].",
    "The nurse [brought tea|was kind|put on a bandage].",
    "After a week the pain was gone.",
  ],
  general: [
    "Sleep is good for the body.",
    "A doctor helps people who are ill.",
    "Washing hands keeps people healthy.",
    "Warm tea is good for a cold.",
  ],
  terms: [
    ["fever", "a body that is too hot"],
    ["nurse", "a person who cares for ill people"],
    ["medicine", "something that helps against an illness"],
    ["hospital", "a house for ill people"],
    ["bandage", "cloth around a wound"],
  ],
};
