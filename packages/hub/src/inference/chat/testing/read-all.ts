import type { ToolCallDelta } from "../../engine.ts";
import { ChatReader } from "../chat-reader.ts";
import type { ChatReaderOptions } from "../chat-reader.ts";

export interface ReadAnswer {
  text: string;
  reasoning: string;
  calls: { name: string; arguments: string }[];
}

/** Reads an answer that comes in the given pieces, and joins what came out. Fails when deltas are out of order. */
export function readAll(pieces: readonly string[], options: Partial<ChatReaderOptions>): ReadAnswer {
  const reader = new ChatReader({ reasoning: null, syntax: null, tools: [], ...options });
  const parts = [...pieces.map((piece) => reader.push(piece)), reader.end()];
  const calls: ReadAnswer["calls"] = [];
  for (const delta of parts.flatMap(({ toolCalls }) => toolCalls)) add(calls, delta);
  return {
    text: parts.map(({ text }) => text).join(""),
    reasoning: parts.map(({ reasoning }) => reasoning).join(""),
    calls,
  };
}

function add(calls: ReadAnswer["calls"], delta: ToolCallDelta): void {
  if (delta.name !== undefined) {
    if (delta.index !== calls.length || !/^call_[A-Za-z0-9]{24}$/.test(delta.id ?? ""))
      throw new Error(`a call begins with ${JSON.stringify(delta)}`);
    calls.push({ name: delta.name, arguments: delta.arguments });
    return;
  }
  const last = calls.at(-1);
  if (last === undefined || delta.index !== calls.length - 1)
    throw new Error(`a call goes on with ${JSON.stringify(delta)}`);
  last.arguments += delta.arguments;
}

/** The text in pieces that end at the given places. */
export function cutAt(text: string, cuts: readonly number[]): string[] {
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  return edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
}
