import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { composeSplit } from "./compose.ts";
import { test } from "./templates/test.ts";
import { train } from "./templates/train.ts";
import { validation } from "./templates/validation.ts";

export const seed = 20_250_101;

export const splits = [train, validation, test] as const;

/** What the labels mean, for people and for `labels.json`; `other` is the answer when in doubt. */
export const labelFile = {
  labels: [
    { name: "billing", description: "Invoices, payments, refunds, prices and subscriptions" },
    { name: "bug", description: "Something in a product is broken, slow or wrong" },
    { name: "feature", description: "A wish or an idea for something that a product cannot do yet" },
    { name: "security", description: "Break-ins, leaks, phishing, stolen devices and weak spots" },
    { name: "other", description: "Everything else: meetings, thanks, invitations, applications" },
  ],
  default_label: "other",
} as const;

/** File name → exact bytes of every generated file of the example. */
export function generateFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [position, split] of splits.entries()) {
    const rows = composeSplit(split, seed + position);
    files.set(`${split.name}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  }
  files.set("labels.json", `${JSON.stringify(labelFile, null, 2)}\n`);
  return files;
}

if (import.meta.main) {
  for (const [name, text] of generateFiles()) {
    await writeFile(fileURLToPath(new URL(name, import.meta.url)), text);
    console.log(`${name}: ${text.split("\n").length - 1} lines`);
  }
}
