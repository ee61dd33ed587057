import { expect } from "vitest";
import type { Engine, GenerateEvent, GenerateRequest, LoadOptions, TokenLogprobs } from "../engine.ts";
import { greedy } from "../verify-export.ts";

export interface Answer {
  text: string;
  ids: number[];
  logprobs: TokenLogprobs[];
  events: GenerateEvent[];
  started: Extract<GenerateEvent, { type: "started" }>;
  done: Extract<GenerateEvent, { type: "done" }>;
}

export const options: LoadOptions = { threads: 1, slots: 4 };
export const never = new AbortController().signal;
let lastId = 0;

/** Does the model run on another server, behind OpenAI's API? */
export function elsewhere({ capabilities }: Engine): boolean {
  return capabilities.memory === "remote";
}

/** What answers are compared by: their tokens, or their text where those are not told. */
export function said({ ids, text }: Answer): string {
  return ids.length > 0 ? ids.join() : text;
}

export function request(text: string, change: Partial<GenerateRequest> = {}): GenerateRequest {
  lastId += 1;
  const prompt = { kind: "text" as const, text };
  return { id: `r${lastId}`, prompt, adapter: null, maxTokens: 24, stop: [], sampling: greedy, ...change };
}

export async function answer(engine: Engine, asked: GenerateRequest, signal = never): Promise<Answer> {
  const result: Partial<Answer> & Omit<Answer, "started" | "done"> = {
    text: "",
    ids: [],
    logprobs: [],
    events: [],
  };
  for await (const event of engine.generate(asked, signal)) {
    result.events.push(event);
    expect(result.done, "nothing comes after done").toBeUndefined();
    if (event.type === "started") {
      expect(result.started).toBeUndefined();
      result.started = event;
    } else if (event.type === "tokens") {
      expect(result.started, "started comes first").toBeDefined();
      result.text += event.text;
      result.ids.push(...event.ids);
      result.logprobs.push(...(event.logprobs ?? []));
    } else result.done = event;
  }
  const { started, done } = result;
  if (started === undefined || done === undefined) throw new Error("the answer has no beginning or no end");
  if (!elsewhere(engine)) expect(done.completionTokens).toBe(result.ids.length);
  return { ...result, started, done };
}

/** A request that goes on until the context is full: an ordinary token is raised above those that end an answer. */
export async function endless(engine: Engine, encode?: (text: string) => number[]): Promise<GenerateRequest> {
  const [token = -1] = encode?.("a") ?? (await engine.tokenize({ kind: "text", text: "a" }, never));
  // OpenAI's API has no request for a text without a length.
  const maxTokens = elsewhere(engine) ? 450 : null;
  return request("go on", {
    maxTokens,
    sampling: { ...greedy, seed: null, logitBias: new Map([[token, 100]]) },
  });
}

/** Reads up to the first token and hands over the rest. */
export async function begun(stream: AsyncIterable<GenerateEvent>): Promise<AsyncIterator<GenerateEvent>> {
  const events = stream[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await events.next();
    if (done === true) throw new Error("ended before its first token");
    if (value.type === "tokens") return events;
  }
}

export async function rest(events: AsyncIterator<GenerateEvent>): Promise<void> {
  while ((await events.next()).done !== true);
}

export async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
