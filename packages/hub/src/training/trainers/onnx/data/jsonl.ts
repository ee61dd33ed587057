import { createReadStream } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import type { ChatMessage } from "../../../../model-files/chat-template.ts";
import { HearthError } from "../../../../errors.ts";

/** One line may not be longer than this many characters; a file without line breaks stops here. */
const longestLine = 16 * 2 ** 20;

/** Beside calls of tools there may be no content. */
const message = z
  .looseObject({ role: z.string(), content: z.string().nullish() })
  .refine(({ content, tool_calls }) => typeof content === "string" || Array.isArray(tool_calls))
  .transform(({ content, ...rest }): ChatMessage => ({ ...rest, content: content ?? "" }));
const tool = z.record(z.string(), z.unknown());
const chatRow = z.looseObject({ messages: z.array(message).min(1), tools: z.array(tool).optional() });
const promptRow = z.looseObject({ prompt: z.string(), completion: z.string() });
const textRow = z.looseObject({ text: z.string() });

/** A training row as read, told apart by its own fields: files may mix the forms. */
export type Row =
  | {
      kind: "chat";
      line: number;
      messages: z.infer<typeof message>[];
      /** What the model is told it may call, as in OpenAI's API. */
      tools?: z.infer<typeof tool>[];
    }
  | { kind: "prompt"; line: number; prompt: string; completion: string }
  | { kind: "text"; line: number; text: string };

/**
 * The rows of a JSONL file in order; empty lines are passed over.
 *
 * Errors: `dataset_invalid` with the line number and what was expected; the system's own error when
 * the file cannot be read; the signal's reason.
 */
export async function* readRows(path: string, signal?: AbortSignal): AsyncGenerator<Row> {
  let line = 0;
  for await (const text of lines(path, signal)) {
    line++;
    if (text.trim() !== "") yield parseRow(text, line, path);
  }
}

function parseRow(text: string, line: number, path: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(
      path,
      line,
      `is not JSON (${error instanceof Error ? error.message : String(error)})`,
      error,
    );
  }
  const chat = chatRow.safeParse(value);
  if (chat.success) {
    const { messages, tools } = chat.data;
    return { kind: "chat", line, messages, ...(tools === undefined ? {} : { tools }) };
  }
  const prompt = promptRow.safeParse(value);
  if (prompt.success) {
    return { kind: "prompt", line, prompt: prompt.data.prompt, completion: prompt.data.completion };
  }
  const plain = textRow.safeParse(value);
  if (plain.success) return { kind: "text", line, text: plain.data.text };
  const found =
    typeof value === "object" && value !== null
      ? `the fields ${Object.keys(value).join(", ")}`
      : typeof value;
  throw invalid(path, line, `has ${found.slice(0, 200)}`);
}

function invalid(path: string, line: number, what: string, cause?: unknown): HearthError {
  return new HearthError(
    "dataset_invalid",
    `Line ${line} of ${path} ${what}; expected {"messages":[{"role","content"}…]}, {"prompt","completion"} or {"text"}.`,
    { details: { line, path }, cause },
  );
}

/** Splits at "\n" alone: JSON strings may hold the Unicode line separators that `readline` also splits at. */
async function* lines(path: string, signal?: AbortSignal): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024, signal })) {
    const parts = (pending + decoder.write(chunk as Buffer)).split("\n");
    pending = parts.pop() ?? "";
    if (pending.length > longestLine) {
      throw new HearthError(
        "dataset_invalid",
        `${path} has a line of more than ${longestLine} characters; expected one JSON object a line.`,
      );
    }
    yield* parts;
  }
  yield pending + decoder.end();
}
