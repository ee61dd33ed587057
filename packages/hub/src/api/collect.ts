import { HearthError } from "../errors.ts";
import type { TokenLogprobs, ToolCallDelta } from "../inference/engine.ts";
import type { Answer, AnswerEvent } from "./services.ts";

type Done = Extract<AnswerEvent, { type: "done" }>;
type Tokens = Extract<AnswerEvent, { type: "tokens" }>;

export interface CollectedCall {
  id: string;
  name: string;
  /** JSON text. */
  arguments: string;
}

/** All that an answer has said so far. */
export interface Collected {
  text: string;
  reasoning: string;
  toolCalls: CollectedCall[];
  logprobs: TokenLogprobs[];
}

export function nothingYet(): Collected {
  return { text: "", reasoning: "", toolCalls: [], logprobs: [] };
}

/** Adds what one step brought. */
export function gather(collected: Collected, { text, reasoning, toolCalls, logprobs }: Tokens): void {
  collected.text += text;
  collected.reasoning += reasoning ?? "";
  for (const delta of toolCalls ?? []) gatherCall(collected.toolCalls, delta);
  for (const token of logprobs ?? []) collected.logprobs.push(token);
}

function gatherCall(calls: CollectedCall[], delta: ToolCallDelta): void {
  const call = (calls[delta.index] ??= { id: "", name: "", arguments: "" });
  call.id = delta.id ?? call.id;
  call.name = delta.name ?? call.name;
  call.arguments += delta.arguments;
}

/** Reads a whole answer. Throws what the generation throws. */
export async function collect(answer: Answer): Promise<Collected & { done: Done }> {
  const collected = nothingYet();
  for await (const event of answer.events) {
    if (event.type === "done") return { ...collected, done: event };
    gather(collected, event);
  }
  throw endedEarly();
}

/** An engine's fault that its own checks should have found. */
export function endedEarly(): HearthError {
  return new HearthError("generation_failed", "The generation ended without saying why; ask again.");
}
