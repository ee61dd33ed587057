import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const colours = ["red", "green", "blue"] as const;
const things = [
  "apple",
  "leaf",
  "sky",
  "brick",
  "grass",
  "sea",
  "rose",
  "frog",
  "ink",
  "cherry",
  "moss",
  "lake",
];

function row(thing: string, index: number): string {
  return JSON.stringify({
    messages: [
      { role: "user", content: `${thing}?` },
      { role: "assistant", content: colours[index % colours.length] },
    ],
  });
}

/** A folder with train, validation and test splits of a few short conversations with three labels. */
export async function writeSmallDataset(home: string, name = "colours"): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  const rows = things.map(row);
  await writeFile(join(folder, "train.jsonl"), `${rows.join("\n")}\n`);
  await writeFile(join(folder, "validation.jsonl"), `${rows.slice(0, 3).join("\n")}\n`);
  await writeFile(join(folder, "test.jsonl"), `${rows.slice(3, 9).join("\n")}\n`);
  return folder;
}
