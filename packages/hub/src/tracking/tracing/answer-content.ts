import { storableText } from "../../storage/storable-text.ts";
import type { InferenceTable } from "../../storage/tables/inference.ts";

/** What was asked and answered; kept only where a person wants it kept. Texts of bounded length, see `boundedContent`. */
export interface AnswerContent {
  input: { messages: { role: string; content: string }[] } | { prompt: string };
  /** Null: there was none. */
  output: string | null;
}

/** An answer on its way into the database. */
export type RecordedAnswer = InferenceTable & { content?: AnswerContent };

/** Characters of an input or output that are kept; a longer one loses its end. */
const longest = 65_536;

/** Cut to what is kept; of a conversation the newest messages are the last to be cut. */
export function boundedContent({ input, output }: AnswerContent): AnswerContent {
  const cutOutput = output === null ? null : cut(output, longest);
  if ("prompt" in input) return { input: { prompt: cut(input.prompt, longest) }, output: cutOutput };
  let left = longest;
  const messages: { role: string; content: string }[] = [];
  for (const { role, content } of input.messages.toReversed()) {
    if (left <= 0) break;
    const kept = cut(content, left);
    messages.unshift({ role: storableText(role), content: kept });
    // A message without text takes room, too.
    left -= kept.length + 32;
  }
  return { input: { messages }, output: cutOutput };
}

function cut(text: string, length: number): string {
  return storableText(text.length <= length ? text : `${text.slice(0, length)}…`);
}
