import { AsyncLocalStorage } from "node:async_hooks";
import type { Answer, AnswerEvent, AnswerRequest, Generation } from "../services.ts";
import { merge } from "./merge.ts";

/** One step of one of the answers that a request gets. */
export interface ChoiceEvent {
  /** Of its choice. */
  index: number;
  answer: Answer;
  event: AnswerEvent | { type: "started" };
}

/** Answers to one request, under way. */
export interface Choices {
  /** The one that began first; it gives the whole its id. */
  first: Answer;
  /** Must be iterated or returned. Throws what a generation throws; the others are then stopped. */
  events: AsyncIterable<ChoiceEvent>;
}

/** More prompts than that wait here and not in the engine's queue, where they would stand before everybody else. */
const together = 16;

/**
 * Starts several generations, each a choice; resolves when the first of them has begun.
 * Throws what `Generation.start` throws.
 */
export async function startChoices(
  generation: Generation,
  requests: readonly AnswerRequest[],
  signal: AbortSignal,
): Promise<Choices> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  // Later ones begin when an earlier one ends, and for the same caller.
  const asCaller = AsyncLocalStorage.snapshot();
  const start = (request: AnswerRequest) => asCaller(() => generation.start(request, either));
  const sources = requests.map((request, index) => () => follow(() => start(request), index));
  const events = merge(sources, together, () => stop.abort());
  const begun = await events.next();
  if (begun.done === true) throw new RangeError("an answer needs a request");
  return { first: begun.value.answer, events: withFirst(begun.value, events) };
}

async function* follow(start: () => Promise<Answer>, index: number): AsyncGenerator<ChoiceEvent, void, void> {
  const answer = await start();
  let read = false;
  try {
    yield { index, answer, event: { type: "started" } };
    read = true;
    for await (const event of answer.events) yield { index, answer, event };
  } finally {
    // What was never read does not end by `return`: it is read, and left.
    if (!read) for await (const _ of answer.events) break;
  }
}

async function* withFirst(first: ChoiceEvent, rest: AsyncGenerator<ChoiceEvent, void, void>) {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return();
  }
}
