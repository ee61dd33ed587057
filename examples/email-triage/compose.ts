import { seededRandom, type Random } from "./random.ts";
import { labels, type Label, type Split } from "./templates/split.ts";

/** The task as the model reads it, in every row and at inference. */
export const systemPrompt =
  "Classify the e-mail. Answer with one label: billing, bug, feature, security, other.";

/** Characters of the longest e-mail: with the task and the answer it fits 144 tokens of a small tokenizer. */
const longest = 280;

export interface Row {
  readonly messages: readonly { readonly role: "system" | "user" | "assistant"; readonly content: string }[];
}

const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const kept = result[last] as T;
    result[last] = result[other] as T;
    result[other] = kept;
  }
  return result;
};

/** Deals the items of a list evenly: every item once, shuffled, before any comes again. */
const dealer = (items: readonly string[], random: Random): (() => string) => {
  let hand: string[] = [];
  return () => {
    if (hand.length === 0) hand = shuffled(items, random);
    const item = hand.pop();
    if (item === undefined)
      throw new Error("A template list is empty; every list needs at least one sentence.");
    return item;
  };
};

/**
 * Fills `{slot}` marks from the split's word lists. `amount` and `number` are drawn, not listed.
 *
 * @throws Error when a template names a slot that the split has no words for.
 */
export function fill(template: string, fillers: Split["fillers"], random: Random): string {
  return template.replaceAll(/\{(\w+)\}/gu, (_, slot: string) => {
    if (slot === "amount") return String(5 + random.below(195));
    if (slot === "number") return String(2 + (random.below(9000) % (random.chance(50) ? 90 : 9000)));
    const words = fillers[slot];
    if (words === undefined)
      throw new Error(
        `Template "${template}" names the slot {${slot}}, which has no words; add it to the fillers.`,
      );
    return random.pick(words);
  });
}

const capitalised = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

/**
 * All rows of one split, in a shuffled order: the same number of rows for every label, no two
 * e-mails alike. Lengths vary from a subject with one sentence to five sentences.
 */
export function composeSplit(split: Split, seed: number): Row[] {
  const random = seededRandom(seed);
  const rows: Row[] = [];
  for (const label of labels) {
    const templates = split.labels[label];
    const subject = dealer(templates.subjects, random);
    const core = dealer(templates.cores, random);
    const detail = dealer(templates.details, random);
    const seen = new Set<string>();
    while (seen.size < split.rowsPerLabel) {
      const email = composeEmail(split, { subject, core, detail }, random);
      if (seen.has(email) || email.length > longest) continue;
      seen.add(email);
      rows.push(row(email, label));
    }
  }
  return shuffled(rows, random);
}

function composeEmail(
  split: Split,
  deal: { subject: () => string; core: () => string; detail: () => string },
  random: Random,
): string {
  const first = random.pick(split.fillers["first"] ?? []);
  const last = random.pick(split.fillers["last"] ?? []);
  const domain = random.pick(split.fillers["domain"] ?? []);
  // One e-mail speaks of one product, one company, …; `me` is its sender, `first` somebody else.
  const fillers: Record<string, readonly string[]> = { ...split.fillers, me: [first] };
  for (const slot of ["product", "company", "part", "device", "plan", "role"])
    fillers[slot] = [random.pick(split.fillers[slot] ?? [])];
  fillers["first"] = (split.fillers["first"] ?? []).filter((name) => name !== first);
  const text = (template: string): string => capitalised(fill(template, fillers, random));
  const sentences: string[] = [];
  if (random.chance(35)) sentences.push(text(random.pick(split.openers)));
  sentences.push(text(deal.core()));
  if (random.chance(70)) sentences.push(text(deal.detail()));
  if (random.chance(20)) sentences.push(text(deal.detail()));
  if (random.chance(40)) sentences.push(text(random.pick(split.closings)));
  const lines = [
    `From: ${first} ${last} <${first.toLowerCase()}@${domain}>`,
    `Subject: ${text(deal.subject())}`,
    "",
  ];
  if (random.chance(60)) lines.push(text(random.pick(split.greetings)));
  lines.push(sentences.join(" "));
  if (random.chance(60)) lines.push(`${random.pick(split.signoffs)} ${first}`);
  return lines.join("\n");
}

function row(email: string, label: Label): Row {
  return {
    messages: [
      { role: "system", content: systemPrompt },
      { role: "user", content: email },
      { role: "assistant", content: label },
    ],
  };
}
