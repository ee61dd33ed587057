import { HearthApiError } from "@hearth/sdk";
import type { MessageStatus, StoredMessage } from "@hearth/wire/chat/session";
import { hub } from "../../hub/hub.ts";
import { endLiveAnswer, liveAnswer, setLiveAnswer } from "./live-answers.ts";
import { metadataOf, readParts } from "./message.ts";
import { readAnswer, type Ending } from "./read-answer.ts";
import { turnRequest, type Question } from "./turn-request.ts";

/** A busy hub is asked so often by itself; then it is for the reader to ask again. */
const mostTries = 5;
/** Nobody waits longer than this (ms) without having said so. */
const longestPauseMs = 120_000;

export interface Asking extends Question {
  /** The hub has what was asked. */
  accepted: () => void;
  /** Gets the answer at its end, before it ends to be a live one. */
  settled: (answer: StoredMessage) => Promise<void>;
}

/** Has one answer written, and asks again after the pause that a busy hub or provider asks for. Never rejects. */
export async function answerTurn(asking: Asking): Promise<void> {
  const { conversation, answer } = asking;
  const beginning: StoredMessage = { ...answer, status: "streaming", error: null };
  const now = () => liveAnswer(answer.id)?.message ?? beginning;
  let connection = new AbortController();
  let answered = false;
  let stopped = false;
  let askNow: () => void = () => undefined;
  const stop = () => {
    stopped = true;
    askNow();
    if (!answered) connection.abort();
    // The hub ends the stream when what has come is kept.
    else hub.conversations.stop(conversation, answer.id).catch(() => connection.abort());
  };
  const show = (message: StoredMessage, when: "now" | "soon") =>
    setLiveAnswer({ conversation, message, pause: null, stop }, when);
  const end = (status: MessageStatus, error: string | null = null) =>
    show({ ...now(), status, error }, "now");

  const ask = async (): Promise<Ending> => {
    answered = false;
    connection = new AbortController();
    const response = await hub.conversations.turn(turnRequest(asking), { signal: connection.signal });
    answered = true;
    asking.accepted();
    if (response.body === null) return { kind: "broken" };
    return await readAnswer(response.body, beginning, ({ parts, metadata }) => {
      const known = metadata === undefined ? {} : { metadata };
      show({ ...now(), parts: readParts(parts), ...known }, "soon");
    });
  };

  show(beginning, "now");
  for (let tried = 1; !stopped; tried++) {
    let failure: { message: string; pauseMs: number | null };
    try {
      const ending = await ask();
      if (ending.kind === "finished") end("complete");
      if (ending.kind === "aborted") end("stopped");
      if (ending.kind === "broken") end("interrupted", "The answer broke off.");
      if (ending.kind !== "failed") break;
      failure = { message: ending.message, pauseMs: bounded(metadataOf(now()).retry_after_ms ?? null) };
    } catch (error) {
      if (stopped) break;
      failure = { message: wordsOf(error), pauseMs: pauseAfter(error) };
    }
    const { message, pauseMs } = failure;
    const silent = now().parts.every(({ type }) => type === "step-start");
    if (pauseMs === null || !silent || tried >= mostTries) {
      end("failed", message);
      break;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      askNow = () => {
        clearTimeout(timer);
        resolve();
      };
      const pause = { reason: message, until: Date.now() + pauseMs, askNow };
      setLiveAnswer({ conversation, message: now(), pause, stop }, "now");
    });
    if (!stopped) show(beginning, "now");
  }
  if (now().status === "streaming") end("stopped");
  await asking.settled(now());
  endLiveAnswer(answer.id);
}

/** How long a hub that has too much to do asks to be left alone (ms); null when asking again does not help. */
function pauseAfter(error: unknown): number | null {
  if (!(error instanceof HearthApiError) || (error.status !== 429 && error.status !== 503)) return null;
  return bounded(error.retryAfterMs);
}

const bounded = (pauseMs: number | null) => (pauseMs === null || pauseMs > longestPauseMs ? null : pauseMs);

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
