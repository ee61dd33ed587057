import { HearthApiError } from "@hearth/sdk";
import { hub } from "../../hub/hub.ts";
import {
  emptyAnswer,
  messagesFor,
  type Answer,
  type AnswersNode,
  type Node,
  type Settings,
} from "./conversation.ts";
import { keep } from "./keeping.ts";
import { endLiveAnswer, liveAnswer, setLiveAnswer } from "./live-answers.ts";

const saveEveryMs = 1_000;
/** A busy hub is asked so often by itself; then it is for the reader to ask again. */
const mostTries = 5;
/** Nobody waits longer than this (ms) without having said so. */
const longestPauseMs = 120_000;

export interface Question {
  branch: readonly Node[];
  place: AnswersNode;
  column: number;
  settings: Settings;
  /** Gets the answer when it is kept, before it ends to be a live one. */
  settled: (answer: Answer) => void;
}

/** Asks one column's model, again after the pause that a busy hub asks for. */
export async function answerColumn(question: Question): Promise<void> {
  const { place, column } = question;
  const model = place.answers[column]?.model ?? "";
  const stop = new AbortController();
  const now = () => liveAnswer(place.id, column)?.answer ?? emptyAnswer(model);
  const write = (change: Partial<Answer>, when: "now" | "soon") =>
    setLiveAnswer(place.id, column, { answer: { ...now(), ...change }, pause: null, stop }, when);
  const save = () => keep(place.conversation, { kind: "answer", node: place.id, column, answer: now() });

  write(emptyAnswer(model), "now");
  for (let tried = 1; ; tried++) {
    try {
      await ask(question, stop.signal, now, write, save);
      break;
    } catch (error) {
      if (stop.signal.aborted) {
        write({ state: "stopped" }, "now");
        break;
      }
      const pauseMs = now().text === "" && tried < mostTries ? pauseAfter(error) : null;
      if (pauseMs === null) {
        write({ state: "failed", error: told(error) }, "now");
        break;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        const end = () => {
          clearTimeout(timer);
          resolve();
        };
        stop.signal.addEventListener("abort", end, { once: true });
        const pause = { reason: told(error).message, until: Date.now() + pauseMs, askNow: end };
        setLiveAnswer(place.id, column, { answer: now(), pause, stop }, "now");
      });
      write(emptyAnswer(model), "now");
    }
  }
  await save();
  question.settled(now());
  endLiveAnswer(place.id, column);
}

async function ask(
  { branch, place, column, settings }: Question,
  signal: AbortSignal,
  now: () => Answer,
  write: (change: Partial<Answer>, when: "now" | "soon") => void,
  save: () => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const { system, ...sampling } = settings;
  const stream = hub.chat({
    ...sampling,
    model: place.answers[column]?.model ?? "",
    messages: messagesFor(branch, column, system),
    signal,
    onStart: ({ traceId }) => write({ traceId }, "now"),
    onReasoning: (text) => write({ reasoning: now().reasoning + text }, "soon"),
  });
  let savedAt = performance.now();
  for (;;) {
    const step = await stream.next();
    if (step.done === true) {
      const { completionTokens: tokens, promptTokens, ttftMs, tokensPerSecond } = step.value;
      write({ state: "done", figures: { tokens, promptTokens, ttftMs, tokensPerSecond } }, "now");
      return;
    }
    write({ text: now().text + step.value }, "soon");
    if (performance.now() - savedAt < saveEveryMs) continue;
    savedAt = performance.now();
    await save();
  }
}

/** How long a hub that has too much to do asks to be left alone (ms); null when asking again does not help. */
function pauseAfter(error: unknown): number | null {
  if (!(error instanceof HearthApiError) || (error.status !== 429 && error.status !== 503)) return null;
  const { retryAfterMs } = error;
  return retryAfterMs === null || retryAfterMs > longestPauseMs ? null : retryAfterMs;
}

function told(error: unknown): NonNullable<Answer["error"]> {
  if (error instanceof HearthApiError) {
    const { status, code, message, requestId } = error;
    return { status, code, message, requestId };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 0, code: "", message, requestId: null };
}
