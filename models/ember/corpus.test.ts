import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { corpusDocuments } from "./corpus.ts";
import type { CorpusDocument } from "./corpus/document.ts";

const textsOf = (document: CorpusDocument): string[] =>
  "text" in document ? [document.text] : document.messages.map(({ content }) => content);
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z']+/gu) ?? [];
const sample = [...corpusDocuments(7, 20_000)];
const everything = sample.flatMap(textsOf);

/** Subjects and sentences of the e-mails of a split. */
async function sentencesOf(split: string): Promise<string[]> {
  const text = await readFile(new URL(`../../examples/email-triage/${split}.jsonl`, import.meta.url), "utf8");
  const sentences = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const row = JSON.parse(line) as { messages: { content: string }[] };
    const [, subject = "", , ...body] = (row.messages[1]?.content ?? "").split("\n");
    for (const sentence of [subject.replace("Subject: ", ""), ...body.join(" ").split(/(?<=[.?!,:]) /u)])
      sentences.add(sentence);
  }
  return [...sentences];
}

/** Every text of the sample once, as words in a row. */
const corpus = [...new Set(everything.map((text) => ` ${wordsOf(text).join(" ")} `))].join("\n");

describe("corpus", () => {
  it("is the same for the same seed", () => {
    const hash = createHash("sha256");
    for (const document of corpusDocuments(7, 500)) hash.update(`${JSON.stringify(document)}\n`);
    expect(hash.digest("hex")).toBe("2a6498713e8014c533575149a048da7f3e10ed0e5c524692e72d5c27258a68cb");
    expect([...corpusDocuments(8, 20)]).not.toEqual([...corpusDocuments(7, 20)]);
  });

  it("has no open pattern, no doubled space and no empty text", () => {
    for (const text of everything) {
      expect(text).not.toMatch(/[{}[\]|]|undefined|  /u);
      expect(text.trim()).not.toBe("2a6498713e8014c533575149a048da7f3e10ed0e5c524692e72d5c27258a68cb");
    }
  });

  it("has conversations that alternate and end with an answer", () => {
    const conversations = sample.flatMap((document) => ("messages" in document ? [document.messages] : []));
    expect(conversations.length).toBeGreaterThan(sample.length / 2);
    for (const messages of conversations) {
      const roles = messages.map(({ role }) => role);
      const spoken = roles[0] === "system" ? roles.slice(1) : roles;
      expect(spoken).toEqual(spoken.map((_, position) => (position % 2 === 0 ? "user" : "assistant")));
      expect(spoken.length % 2).toBe(0);
    }
  });

  it("does not know the task of the example: no e-mail is answered with one of its labels", async () => {
    const labels = new Set(["billing", "bug", "feature", "security", "other"]);
    const answers = sample.flatMap((document) => ("messages" in document ? document.messages : []));
    const asLabel = answers.filter(
      ({ role, content }) => role === "assistant" && labels.has(content.toLowerCase().replace(/\.$/u, "")),
    );
    expect(asLabel).toEqual([]);
    expect(everything.filter((text) => /classify the e-?mail/iu.test(text))).toEqual([]);
  });

  it.each(["train", "validation", "test"])("has no sentence of the e-mails in %s", async (split) => {
    const long = (await sentencesOf(split))
      .map((sentence) => wordsOf(sentence))
      .filter((words) => words.length >= 5);
    expect(long.length).toBeGreaterThan(100);
    expect(
      long.map((words) => words.join(" ")).filter((sentence) => corpus.includes(` ${sentence} `)),
    ).toEqual([]);
  });
});
