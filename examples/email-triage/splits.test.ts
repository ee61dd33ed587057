import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { composeSplit, fill } from "./compose.ts";
import { generateFiles, labelFile, splits } from "./generate.ts";
import { seededRandom } from "./random.ts";
import { labels, type Split } from "./templates/split.ts";

const files = generateFiles();
const rowsOf = (name: string): { messages: { role: string; content: string }[] }[] =>
  (files.get(`${name}.jsonl`) ?? "")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const mailsOf = (name: string): string[] => rowsOf(name).map(({ messages }) => messages[1]?.content ?? "");
/** What the sender wrote: subject and body, without the address line. */
const bodyOf = (mail: string): string => mail.slice(mail.indexOf("\n") + 1).replace("Subject: ", "");

const templatesOf = (split: Split): string[] => [
  ...split.greetings,
  ...split.openers,
  ...split.closings,
  ...split.signoffs,
  ...labels.flatMap((label) => Object.values(split.labels[label]).flat()),
];
const grams = (texts: readonly string[], size: number): Set<string> => {
  const found = new Set<string>();
  for (const text of texts) {
    const words = text.toLowerCase().match(/[a-z']+/gu) ?? [];
    for (let start = 0; start + size <= words.length; start++)
      found.add(words.slice(start, start + size).join(" "));
  }
  return found;
};
const share = (part: ReadonlySet<string>, whole: ReadonlySet<string>): number =>
  [...part].filter((gram) => whole.has(gram)).length / part.size;

describe("email-triage", () => {
  it.each([...files.keys()])("has %s committed exactly as generated", async (name) => {
    expect(await readFile(new URL(name, import.meta.url), "utf8")).toBe(files.get(name));
  });

  it.each([...files])("gives the checksum of %s in its README", async (name, text) => {
    const readme = await readFile(new URL("README.md", import.meta.url), "utf8");
    expect(readme).toContain(`${createHash("sha256").update(text).digest("hex")}  ${name}`);
  });

  it("is balanced, and no e-mail comes twice", () => {
    for (const split of splits) {
      const rows = rowsOf(split.name);
      for (const label of labels)
        expect(rows.filter(({ messages }) => messages[2]?.content === label)).toHaveLength(
          split.rowsPerLabel,
        );
      expect(new Set(mailsOf(split.name)).size).toBe(rows.length);
    }
    expect(rowsOf("test").length).toBeGreaterThanOrEqual(200);
    expect(labelFile.labels.map(({ name }) => name)).toEqual([...labels]);
  });

  it("shares no template between any two splits", () => {
    for (const one of splits) {
      const own = templatesOf(one);
      expect(new Set(own.map((template) => template.toLowerCase())).size).toBe(own.length);
      for (const other of splits) {
        if (other === one) continue;
        const others = new Set(templatesOf(other).map((template) => template.toLowerCase()));
        expect(own.filter((template) => others.has(template.toLowerCase()))).toEqual([]);
      }
    }
  });

  it("shares no name, product, company, address, place or month between any two splits", () => {
    const wordsOf = (split: Split): string[] =>
      Object.values(split.fillers)
        .flat()
        .map((word) => word.toLowerCase());
    for (const one of splits) {
      for (const other of splits) {
        if (other === one) continue;
        const others = new Set(wordsOf(other));
        expect(wordsOf(one).filter((word) => others.has(word))).toEqual([]);
      }
    }
  });

  it("lets test e-mails have few word sequences in common with train", () => {
    const train = mailsOf("train").map(bodyOf);
    const test = mailsOf("test").map(bodyOf);
    expect(share(grams(test, 4), grams(train, 4))).toBeLessThan(0.04);
    expect(share(grams(test, 6), grams(train, 6))).toBeLessThan(0.005);
  });

  it("varies the length", () => {
    const lengths = mailsOf("test").map((mail) => mail.split(/\s+/u).length);
    expect(Math.max(...lengths) / Math.min(...lengths)).toBeGreaterThan(2.5);
  });

  it("gives other rows for another seed", () => {
    expect(composeSplit(splits[1], 1)).not.toEqual(composeSplit(splits[1], 2));
  });

  it("names the template and the slot that has no words", () => {
    expect(() => fill("A {ship} sails.", {}, seededRandom(1))).toThrow(
      '"A {ship} sails." names the slot {ship}',
    );
  });
});
