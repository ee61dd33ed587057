import { createHash } from "node:crypto";
import type { DatasetStatistics, SplitName } from "@hearth/wire/hub/datasets";
import type { DatasetMessage, DatasetRow } from "./rows.ts";

const mostExamples = 5;
const shownCharacters = 200;
/** Rows that are remembered of a split, below what a `Set` can hold. Later ones are compared, not remembered. */
const mostRemembered = 8_000_000;

/** Before a number these are signs, else punctuation. */
const wordOrSign = /[\p{L}\p{M}\p{N}]+|\p{S}|[-*/%](?=\s*\p{N})/gu;

type Example = DatasetStatistics["leakage"][number]["examples"][number];

interface Known {
  rows: Set<number>;
  texts: Set<number>;
  prompts: Set<number>;
}

/** Finds rows that come again, in their split and in others: 48 bits of a hash are kept of each. */
export class Repeats {
  #split: SplitName = "train";
  #row = 0;
  #train: Known | null = null;
  #known: Known = nothing();
  #exact = 0;
  #near = 0;
  readonly #examples: Example[] = [];
  readonly #leaks: DatasetStatistics["leakage"] = [];

  /** The rows that follow are of this split; `train` comes first. */
  begin(split: SplitName): void {
    if (this.#split === "train" && split !== "train") this.#train = this.#known;
    this.#split = split;
    this.#row = 0;
    this.#known = nothing();
    if (split !== "train") this.#leaks.push({ split, rows: 0, prompts: 0, examples: [] });
  }

  add(row: DatasetRow): void {
    this.#row += 1;
    const own = keyOf(JSON.stringify(row));
    const text = textOf(row);
    const near = keyOf(normalised(text));
    const asked = promptOf(row);
    const prompt = asked === null ? null : keyOf(normalised(asked));
    if (this.#known.rows.has(own)) this.#exact += 1;
    else if (this.#known.texts.has(near)) this.#near += 1;
    if (this.#known.texts.has(near)) this.#show(this.#examples, text);
    const leak = this.#leaks.at(-1);
    if (this.#train !== null && leak !== undefined) {
      const whole = this.#train.rows.has(own);
      const again = prompt !== null && this.#train.prompts.has(prompt);
      if (whole) leak.rows += 1;
      if (again) leak.prompts += 1;
      if (whole || again) this.#show(leak.examples, text);
    }
    if (this.#row > mostRemembered) return;
    this.#known.rows.add(own);
    this.#known.texts.add(near);
    if (prompt !== null && this.#split === "train") this.#known.prompts.add(prompt);
  }

  summary(): Pick<DatasetStatistics, "duplicates" | "leakage"> {
    return {
      duplicates: { exact: this.#exact, near: this.#near, examples: this.#examples },
      leakage: this.#leaks,
    };
  }

  #show(examples: Example[], text: string): void {
    if (examples.length >= mostExamples) return;
    const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
    examples.push({ split: this.#split, row: this.#row, text: shown.toWellFormed() });
  }
}

function nothing(): Known {
  return { rows: new Set(), texts: new Set(), prompts: new Set() };
}

function keyOf(text: string): number {
  return createHash("sha1").update(text).digest().readUIntBE(0, 6);
}

/** Words and signs in one case, without spaces and punctuation. Marks make words of many scripts; signs make sums. */
function normalised(text: string): string {
  const parts = text.normalize("NFKC").toLowerCase().match(wordOrSign) ?? [];
  return parts.join(" ");
}

/** All that a row says. */
function textOf(row: DatasetRow): string {
  switch (row.format) {
    case "chat":
      return row.messages.map(saidIn).join("\n");
    case "prompt":
      return `${row.prompt}\n${row.completion}`;
    case "text":
      return row.text;
  }
}

function saidIn({ content, tool_calls: calls }: DatasetMessage): string {
  return calls === undefined ? content : `${content} ${JSON.stringify(calls)}`;
}

/** What a model is asked; null where nothing is, as in running text or with an empty prompt. */
function promptOf(row: DatasetRow): string | null {
  switch (row.format) {
    case "chat": {
      const before = row.messages.slice(0, -1).map((message) => `${message.role} ${saidIn(message)}`);
      return before.length === 0 ? null : before.join("\n");
    }
    case "prompt":
      return row.prompt.trim() === "" ? null : row.prompt;
    case "text":
      return null;
  }
}
