import { isUtf8 } from "node:buffer";
import {
  datasetMessage,
  type DatasetFormat,
  type DatasetMessage,
  type DatasetRowContent,
} from "@hearth/wire/hub/datasets";
import { z } from "zod";
import { DatasetInvalid, excerpt } from "./invalid.ts";

export type { DatasetMessage };

/** One row, by the format of its dataset. */
export type DatasetRow = DatasetRowContent;

/** As rows are written: beside calls of tools the content may be null or absent. */
const writtenMessage = datasetMessage
  .extend({ content: z.string().nullish() })
  .refine(
    ({ content, tool_calls }) => typeof content === "string" || (tool_calls?.length ?? 0) > 0,
    "has no content",
  )
  .transform(({ content, ...rest }): DatasetMessage => ({ ...rest, content: content ?? "" }));

const chatRow = z.object({
  messages: z
    .array(writtenMessage)
    .min(1)
    .refine(
      (messages) => messages.at(-1)?.role === "assistant",
      "the last message is not the assistant's answer",
    )
    .refine(
      (messages) => messages.at(-1)?.content.trim() !== "" || (messages.at(-1)?.tool_calls?.length ?? 0) > 0,
      "the answer in the last message is empty",
    ),
  tools: z.array(z.record(z.string(), z.unknown())).optional(),
});
const promptRow = z.object({
  prompt: z.string(),
  completion: z.string().refine((text) => text.trim() !== "", "the completion is empty"),
});
const textRow = z.object({ text: z.string().refine((text) => text.trim() !== "", "the text is empty") });

const shapes: Record<DatasetFormat, string> = {
  chat: `{"messages":[{"role":"user","content":"…"},{"role":"assistant","content":"…"}]}`,
  prompt: `{"prompt":"…","completion":"…"}`,
  text: `{"text":"…"}`,
};

const jsonObject = z.record(z.string(), z.unknown());

/**
 * Reads a line as one JSON object; undefined for a line of blanks.
 *
 * @throws DatasetInvalid when it is not UTF-8, not JSON, or not an object.
 */
export function parseLine(
  bytes: Uint8Array,
  file: string,
  line: number,
): Record<string, unknown> | undefined {
  if (!isUtf8(bytes)) {
    throw new DatasetInvalid({
      file,
      line,
      found: "bytes that are not valid UTF-8",
      expected: "text in UTF-8",
    });
  }
  let text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  // The byte order mark that some editors put before the first line.
  if (line === 1 && text.startsWith("\u{FEFF}")) text = text.slice(1);
  if (text.trim() === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const found = `${excerpt(text)}, which is not JSON`;
    throw new DatasetInvalid({ file, line, found, expected: "one JSON object on each line (JSONL)" }, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DatasetInvalid({
      file,
      line,
      found: `${excerpt(text)}, which is not an object`,
      expected: "one JSON object on each line (JSONL)",
    });
  }
  const object = jsonObject.safeParse(value);
  if (!object.success)
    throw new DatasetInvalid({ file, line, found: excerpt(text), expected: "a JSON object" });
  return object.data;
}

/** The format that a first row decides for the whole dataset. Throws DatasetInvalid when it is none. */
export function formatOf(object: Record<string, unknown>, file: string, line: number): DatasetFormat {
  if ("messages" in object) return "chat";
  if ("prompt" in object || "completion" in object) return "prompt";
  if ("text" in object) return "text";
  const keys = Object.keys(object);
  const found =
    keys.length === 0 ? "an object without fields" : `an object with the fields ${excerpt(keys.join(", "))}`;
  throw new DatasetInvalid({ file, line, found, expected: Object.values(shapes).join(" or ") });
}

/** Reads an object as a row of the given format. Throws DatasetInvalid naming the field that is wrong. */
export function toRow(
  object: Record<string, unknown>,
  format: DatasetFormat,
  file: string,
  line: number,
): DatasetRow {
  switch (format) {
    case "chat": {
      const row = chatRow.safeParse(object);
      if (row.success) return { format, ...row.data };
      throw wrongRow(object, format, row.error, file, line);
    }
    case "prompt": {
      const row = promptRow.safeParse(object);
      if (row.success) return { format, prompt: row.data.prompt, completion: row.data.completion };
      throw wrongRow(object, format, row.error, file, line);
    }
    case "text": {
      const row = textRow.safeParse(object);
      if (row.success) return { format, text: row.data.text };
      throw wrongRow(object, format, row.error, file, line);
    }
  }
}

/** What a model is to answer: the last message, or the completion; null for plain text. */
export function answerOf(row: DatasetRow): string | null {
  switch (row.format) {
    case "chat":
      return row.messages.at(-1)?.content.trim() ?? null;
    case "prompt":
      return row.completion.trim();
    case "text":
      return null;
  }
}

function wrongRow(
  object: Record<string, unknown>,
  format: DatasetFormat,
  error: z.ZodError,
  file: string,
  line: number,
): DatasetInvalid {
  const issue = error.issues[0];
  const field = issue === undefined ? "" : z.core.toDotPath(issue.path);
  const missing = issue !== undefined && issue.path.length === 1 && !(String(issue.path[0]) in object);
  const what = missing ? `no field ${field}` : `${field}: ${issue?.message ?? "wrong"}`;
  const found = `${excerpt(JSON.stringify(object))} (${what})`;
  return new DatasetInvalid({
    file,
    line,
    found,
    expected: `a row of the format ${format}, ${shapes[format]}`,
  });
}
