import { HearthApiError } from "@hearth/sdk";
import { useSyncExternalStore } from "react";
import { hub } from "../../hub/hub.ts";
import {
  emptyAnswer,
  messagesFor,
  type Answer,
  type AnswersNode,
  type Node,
  type Settings,
} from "./conversation.ts";
import { saveNodes } from "./store.ts";

/** Answers that are being written in this tab; they go on while another page is looked at. */
const live = new Map<string, { answer: Answer; stop: AbortController }>();
/** One object for a node however many of its columns are being written. */
const places = new Map<string, AnswersNode>();
const listeners = new Set<() => void>();
const saveEveryMs = 1_000;

const keyOf = (id: string, column: number) => `${id}/${column}`;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let frame = 0;
function tell(): void {
  cancelAnimationFrame(frame);
  frame = 0;
  for (const listener of listeners) listener();
}
/** However quickly tokens come, they are drawn once a frame. */
function tellSoon(): void {
  if (frame === 0) frame = requestAnimationFrame(tell);
}

/** The answer as far as it is written; null when it is not being written here. */
export function useLiveAnswer(id: string, column: number): Answer | null {
  return useSyncExternalStore(subscribe, () => live.get(keyOf(id, column))?.answer ?? null);
}

/** Whether any of these nodes is being answered here. */
export function useAnswering(ids: readonly string[]): boolean {
  return useSyncExternalStore(subscribe, () => {
    const wanted = new Set(ids);
    return [...live.keys()].some((key) => wanted.has(key.slice(0, key.lastIndexOf("/"))));
  });
}

/** Ends what is being written of these nodes; what has come stays. */
export function stopAnswering(ids: readonly string[]): void {
  for (const [key, { stop }] of live) {
    if (ids.includes(key.slice(0, key.lastIndexOf("/")))) stop.abort();
  }
}

/** Asks one column's model. `settled` gets the node with the outcome, which is in the database by then. */
export async function answerColumn(
  branch: readonly Node[],
  given: AnswersNode,
  column: number,
  settings: Settings,
  settled: (node: AnswersNode) => void,
): Promise<void> {
  const place = places.get(given.id) ?? { ...given };
  places.set(place.id, place);
  const model = place.answers[column]?.model ?? "";
  const stop = new AbortController();
  const key = keyOf(place.id, column);
  const write = (change: Partial<Answer>) => {
    const answer = { ...(live.get(key)?.answer ?? emptyAnswer(model)), ...change };
    live.set(key, { answer, stop });
    place.answers = place.answers.with(column, answer);
  };
  write(emptyAnswer(model));
  tell();
  let savedAt = performance.now();
  try {
    const { system, ...sampling } = settings;
    const stream = hub.chat({
      ...sampling,
      model,
      messages: messagesFor(branch, column, system),
      signal: stop.signal,
      onStart: ({ traceId }) => write({ traceId }),
      onReasoning: (text) => {
        write({ reasoning: (live.get(key)?.answer.reasoning ?? "") + text });
        tellSoon();
      },
    });
    for (;;) {
      const step = await stream.next();
      if (step.done === true) {
        const { completionTokens: tokens, promptTokens, ttftMs, tokensPerSecond } = step.value;
        write({ state: "done", figures: { tokens, promptTokens, ttftMs, tokensPerSecond } });
        break;
      }
      write({ text: (live.get(key)?.answer.text ?? "") + step.value });
      tellSoon();
      if (performance.now() - savedAt > saveEveryMs) {
        savedAt = performance.now();
        await saveNodes([place]);
      }
    }
  } catch (error) {
    if (stop.signal.aborted) write({ state: "stopped" });
    else write({ state: "failed", error: told(error) });
  } finally {
    await saveNodes([place]).finally(() => {
      settled({ ...place });
      live.delete(key);
      if (![...live.keys()].some((other) => other.startsWith(`${place.id}/`))) places.delete(place.id);
      tell();
    });
  }
}

function told(error: unknown): NonNullable<Answer["error"]> {
  if (error instanceof HearthApiError) {
    const { status, code, message, requestId } = error;
    return { status, code, message, requestId };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 0, code: "", message, requestId: null };
}
