import type { ChatMessage } from "@hearth/sdk";
import type { Dataset, DatasetRowContent, DatasetRows } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { Question } from "./asking.ts";

/** Beyond the answer's own: its end, and enough to see that it goes on. As evaluations ask. */
const spareTokens = 8;
const mostTokens = 1024;

/** What a row expects; null: running text expects nothing. */
export function expectedOf(row: DatasetRowContent): string | null {
  if (row.format === "chat") return row.messages.at(-1)?.content.trim() ?? null;
  return row.format === "prompt" ? row.completion.trim() : null;
}

/** What a row asks, to be read. */
export function askedOf(row: DatasetRowContent): string {
  if (row.format === "text") return row.text;
  if (row.format === "prompt") return row.prompt;
  const before = row.messages.slice(0, -1);
  const [only] = before;
  if (before.length === 1 && only?.role === "user") return only.content;
  return before.map(({ role, content }) => `${role}: ${content}`).join("\n");
}

/** Where the answer of a version to a row, counted from 1, is found. */
export function keyOf({ id }: Pick<ModelVersion, "id">, split: string, row: number): string {
  return `${id} ${split} ${row}`;
}

/** Some rows as questions, a lane for each version; rows without an expected answer are no questions. */
export function questionsOf(
  versions: readonly ModelVersion[],
  dataset: Pick<Dataset, "labels">,
  { items, offset, split }: DatasetRows,
): Question[][] {
  return versions.map((version) =>
    items.flatMap((row, index) => {
      const expected = expectedOf(row);
      const prompt = promptOf(row);
      if (expected === null || prompt === null) return [];
      const bytes = Math.max(...[expected, ...dataset.labels].map(bytesOf));
      return {
        key: keyOf(version, split, offset + index + 1),
        model: `${version.model}:${version.version}`,
        prompt,
        maxTokens: Math.min(mostTokens, bytes + spareTokens),
        temperature: 0,
      };
    }),
  );
}

function promptOf(row: DatasetRowContent): Question["prompt"] | null {
  if (row.format === "text") return null;
  if (row.format === "prompt") return row.prompt;
  const messages = row.messages.slice(0, -1).flatMap(({ role, content }): ChatMessage[] =>
    // Without the call before it, what a tool said cannot be sent.
    role === "tool" ? [] : [{ role, content }],
  );
  return messages.length === row.messages.length - 1 && messages.length > 0 ? messages : null;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
