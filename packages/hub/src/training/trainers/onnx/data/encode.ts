import type { DatasetFormat } from "@hearth/wire/hub/datasets";
import { renderChat } from "../../../../model-files/chat-template.ts";
import type { Segment } from "../../../../model-files/chat-template.ts";
import type { EncodeOptions, Tokenizer } from "../../../../model-files/tokenizer/tokenizer.ts";
import { HearthError } from "../../../../errors.ts";
import { InvalidRequest } from "../../../../inference/errors.ts";
import { ModelFileInvalid } from "../../../../model-files/invalid.ts";
import type { Row } from "./jsonl.ts";
import { asTemplateTakes } from "./conversation.ts";
import type { Conversation } from "./conversation.ts";
import { afterLastSpecial, beginsWith, cut, positions } from "../../../../model-files/chat-segments.ts";

/** What turns rows into tokens: the base model's own tokenizer and template. */
export interface Encoding {
  tokenizer: Tokenizer;
  /** Needed for chat rows only. */
  chatTemplate: string | undefined;
  /** Most inputs that a sequence may have. */
  sequenceLength: number;
}

/** Token ids of one row; `learned[i]` is 1 where the model has to learn to produce token i. */
export interface EncodedRow {
  tokens: number[];
  learned: number[];
  /** The row was longer than the sequence length. */
  shortened: boolean;
}

type ChatRow = Extract<Row, { kind: "chat" }>;
type Messages = ChatRow["messages"];

/** The token that separates documents: the model's end-of-text token, else its end token. */
export function documentEnd(tokenizer: Tokenizer): number {
  return tokenizer.specialTokens.get("<|endoftext|>") ?? tokenizer.eosId;
}

/**
 * Encodes a row. Of chat rows every assistant answer with its end-of-turn token is learned, of
 * prompt rows the completion and the end token, of text rows everything.
 *
 * A row with more than `sequenceLength` inputs keeps its answer: the longest other message (or the
 * prompt) loses its beginning, and only if that is not enough the whole sequence does.
 *
 * Errors: `dataset_invalid` naming the line when there is nothing to learn, for tools and calls that are none, or in
 * the words of a template that refuses the conversation.
 */
export function encodeRow(row: Row, encoding: Encoding): EncodedRow {
  // The last token is only ever a target.
  const limit = encoding.sequenceLength + 1;
  const encoded = encodeUncut(row, encoding);
  if (encoded.tokens.length <= limit || row.kind === "text") return { ...encoded, shortened: false };
  const trimmed = row.kind === "chat" ? shortenChat(row, encoding, limit) : undefined;
  return { ...cutFront(trimmed ?? encoded, limit), shortened: true };
}

/** Encodes the beginning that a question gives a model to continue: of chat data a user's turn, else the text as it is. */
export function encodeQuestion(text: string, format: DatasetFormat, encoding: Encoding): number[] {
  const { tokenizer } = encoding;
  const tokens =
    format === "chat"
      ? tokenizer.encodeSegments(
          render({ messages: [{ role: "user", content: text }], tools: [] }, encoding, true),
        )
      : tokenizer.encode(text);
  const [first] = beginning(tokenizer);
  return first === undefined || tokens[0] === first ? tokens : [first, ...tokens];
}

function encodeUncut(row: Row, encoding: Encoding): Omit<EncodedRow, "shortened"> {
  const { tokenizer } = encoding;
  switch (row.kind) {
    case "chat":
      try {
        return encodeChat(row, encoding);
      } catch (error) {
        if (!(error instanceof ModelFileInvalid || error instanceof InvalidRequest)) throw error;
        throw new HearthError("dataset_invalid", `The conversation in line ${row.line}: ${error.message}`, {
          cause: error,
          details: { line: row.line },
        });
      }
    case "prompt": {
      const prompt = [...beginning(tokenizer), ...tokenizer.encode(row.prompt)];
      const completion = [...tokenizer.encode(row.completion, { after: "text" }), tokenizer.eosId];
      return joined([
        [prompt, 0],
        [completion, 1],
      ]);
    }
    case "text":
      return joined([[[...beginning(tokenizer), ...tokenizer.encode(row.text), documentEnd(tokenizer)], 1]]);
  }
}

/** A prompt must have a first token for the first learned one to follow. */
function beginning(tokenizer: Tokenizer): number[] {
  return tokenizer.addBos && tokenizer.bosId !== undefined ? [tokenizer.bosId] : [];
}

/** The parts of a conversation, in order; a learned part starts where generation would start. */
function encodeChat({ messages, tools, line }: ChatRow, encoding: Encoding): Omit<EncodedRow, "shortened"> {
  const { tokenizer } = encoding;
  const parts: [number[], 0 | 1][] = [];
  const conversation: Conversation = { messages, tools: tools ?? [] };
  const rendered = render(conversation, encoding, false);
  let position = 0;
  const add = (end: number, learned: 0 | 1): void => {
    parts.push([
      tokenizer.encodeSegments(cut(rendered, position, end), following(rendered, position)),
      learned,
    ]);
    position = end;
  };
  for (const [start, end] of answers(conversation, rendered, encoding)) {
    add(start, 0);
    add(end, 1);
  }
  if (position === 0) {
    throw new HearthError(
      "dataset_invalid",
      `The conversation in line ${line} has no answer that the model could learn; expected a message with the role "assistant" that the model's chat template shows after its generation prompt, and without "weight": 0.`,
      { details: { line } },
    );
  }
  // What follows the last answer (often a line break) is neither learned nor needed.
  const encoded = joined(parts);
  return tokenizer.addBos && tokenizer.bosId !== undefined && encoded.tokens[0] !== tokenizer.bosId
    ? { tokens: [tokenizer.bosId, ...encoded.tokens], learned: [0, ...encoded.learned] }
    : encoded;
}

/** How a tokenizer is to begin with the part of a rendering from `position` on. */
function following(rendered: Segment[], position: number): EncodeOptions {
  if (position === 0) return {};
  const [before] = cut(rendered, position - 1, position);
  return { after: before !== undefined && "special" in before ? "token" : "text" };
}

/**
 * Spans of the assistant's answers in the rendering, each up to and including its end-of-turn token.
 * Found by rendering the messages before an answer with the generation prompt and those up to it:
 * both must be beginnings of the whole. Templates that rewrite earlier turns (for example drop their
 * reasoning) hide those answers; what a user would never see in the history is not learned either.
 */
function answers(
  { messages, tools }: Conversation,
  rendered: Segment[],
  encoding: Encoding,
): [number, number][] {
  const spans: [number, number][] = [];
  let from = 0;
  messages.forEach((message, index) => {
    if (message.role !== "assistant" || message["weight"] === 0) return;
    const upTo = (end: number): Conversation => ({ messages: messages.slice(0, end), tools });
    const before = render(upTo(index), encoding, true);
    const after = index === messages.length - 1 ? rendered : render(upTo(index + 1), encoding, false);
    const start = positions(before);
    if (start < from || !beginsWith(rendered, before) || !beginsWith(rendered, after)) return;
    const answer = cut(after, start, positions(after));
    const length = afterLastSpecial(answer) ?? positions(answer);
    if (length === 0) return;
    spans.push([start, start + length]);
    from = start + length;
  });
  return spans;
}

function render(conversation: Conversation, encoding: Encoding, addGenerationPrompt: boolean): Segment[] {
  const { tokenizer, chatTemplate } = encoding;
  if (chatTemplate === undefined) {
    throw new HearthError(
      "dataset_invalid",
      "The base model has no chat template, so it cannot be trained on conversations. Give rows with prompt and completion, or another base.",
    );
  }
  const piece = (id: number | undefined) =>
    id === undefined ? undefined : tokenizer.decode([id], { special: true });
  const bosToken = piece(tokenizer.bosId);
  const eosToken = piece(tokenizer.eosId);
  return renderChat(chatTemplate, {
    ...asTemplateTakes(conversation, chatTemplate),
    specialTokens: tokenizer.specialTokens.keys(),
    addGenerationPrompt,
    ...(bosToken === undefined ? {} : { bosToken }),
    ...(eosToken === undefined ? {} : { eosToken }),
  });
}

/** Takes from the front of the longest message that is no answer just as much as is needed. */
function shortenChat(
  row: ChatRow,
  encoding: Encoding,
  limit: number,
): Omit<EncodedRow, "shortened"> | undefined {
  const longest = row.messages
    .filter((message) => message.role !== "assistant")
    .reduce<Messages[number] | undefined>(
      (best, message) =>
        best === undefined || message.content.length > best.content.length ? message : best,
      undefined,
    );
  if (longest === undefined) return undefined;
  const characters = Array.from(longest.content);
  const without = (removed: number) =>
    encodeChat(
      {
        ...row,
        messages: row.messages.map((message) =>
          message === longest ? { ...message, content: characters.slice(removed).join("") } : message,
        ),
      },
      encoding,
    );
  let fits = characters.length;
  let shortest = without(fits);
  if (shortest.tokens.length > limit) return undefined;
  let tooLong = 0;
  while (fits - tooLong > 1) {
    const middle = (tooLong + fits) >> 1;
    const tried = without(middle);
    if (tried.tokens.length <= limit) {
      fits = middle;
      shortest = tried;
    } else tooLong = middle;
  }
  return shortest;
}

/** Keeps the last answer and as much as fits before it; of an answer that alone is too long, its beginning. */
function cutFront(row: Omit<EncodedRow, "shortened">, limit: number): Omit<EncodedRow, "shortened"> {
  const excess = row.tokens.length - limit;
  if (excess <= 0) return row;
  const answer = row.learned.findLastIndex((flag, index) => flag === 1 && row.learned[index - 1] !== 1);
  // One token has to come before the first learned one.
  const start = Math.min(excess, Math.max(0, answer - 1));
  return { tokens: row.tokens.slice(start, start + limit), learned: row.learned.slice(start, start + limit) };
}

function joined(parts: readonly (readonly [readonly number[], 0 | 1])[]): Omit<EncodedRow, "shortened"> {
  const tokens = parts.flatMap(([ids]) => ids);
  const learned = parts.flatMap(([ids, flag]) => ids.map(() => flag));
  return { tokens, learned };
}
