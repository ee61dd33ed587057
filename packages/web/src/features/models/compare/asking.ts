import { useEffect, useRef, useState } from "react";
import type { ChatMessage } from "@hearth/sdk";
import { hub } from "../../../hub/hub.ts";

export interface ComparedAnswer {
  state: "waiting" | "answering" | "done" | "stopped" | "failed";
  text: string;
  traceId: string | null;
  /** ms until the first text, and tokens a second; null until the end, and where they are not known. */
  figures: { ttftMs: number; tokensPerSecond: number } | null;
  error: unknown;
}

export interface Question {
  /** What its answer is found by. */
  key: string;
  model: string;
  /** A conversation, or a text that is continued as it is. */
  prompt: readonly ChatMessage[] | string;
  maxTokens: number;
  temperature: number;
}

const nothingYet: ComparedAnswer = {
  state: "waiting",
  text: "",
  traceId: null,
  figures: null,
  error: null,
};

/** Answers that are written while one looks at them; leaving the page ends them. */
export function useAsking() {
  const [answers, setAnswers] = useState<ReadonlyMap<string, ComparedAnswer>>(new Map());
  const [asking, setAsking] = useState(false);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const askOne = async (question: Question, controller: AbortController) => {
    const { key } = question;
    const { signal } = controller;
    const write = (change: (answer: ComparedAnswer) => Partial<ComparedAnswer>) => {
      // What was asked before is forgotten, its last words too.
      if (stop.current !== controller) return;
      setAnswers((known) => {
        const answer = known.get(key) ?? nothingYet;
        return new Map(known).set(key, { ...answer, ...change(answer) });
      });
    };
    try {
      signal.throwIfAborted();
      write(() => ({ state: "answering" }));
      const stream = streamOf(question, signal, (traceId) => write(() => ({ traceId })));
      for (;;) {
        const step = await stream.next();
        if (step.done === true) return write(() => ({ state: "done", ...step.value }));
        const more = step.value;
        write(({ text }) => ({ text: text + more }));
      }
    } catch (error) {
      write(() => (signal.aborted ? { state: "stopped" } : { state: "failed", error }));
    }
  };

  return {
    answers,
    asking,
    stop: () => stop.current?.abort(),
    /** Asks each lane's questions one after the other, the lanes beside each other. What was answered before is forgotten. */
    ask: async (lanes: readonly (readonly Question[])[]) => {
      stop.current?.abort();
      const controller = new AbortController();
      stop.current = controller;
      setAnswers(new Map(lanes.flat().map(({ key }) => [key, nothingYet])));
      setAsking(true);
      await Promise.all(
        lanes.map(async (lane) => {
          for (const question of lane) await askOne(question, controller);
        }),
      );
      if (stop.current === controller) setAsking(false);
    },
  };
}

/** Text as it comes; returns what is known at the end. */
async function* streamOf(
  { model, prompt, maxTokens, temperature }: Question,
  signal: AbortSignal,
  onTrace: (id: string) => void,
): AsyncGenerator<string, Pick<ComparedAnswer, "traceId" | "figures">> {
  if (typeof prompt === "string") {
    const request = { model_id: model, prompt, max_tokens: maxTokens, temperature };
    const { trace_id: traceId, ...told } = yield* hub.inference.stream(request, { signal });
    return { traceId, figures: { ttftMs: told.ttft_ms, tokensPerSecond: told.tokens_per_second } };
  }
  const { traceId, ttftMs, tokensPerSecond } = yield* hub.chat({
    model,
    messages: prompt,
    maxTokens,
    temperature,
    signal,
    onStart: (begun) => onTrace(begun.traceId),
  });
  return { traceId, figures: { ttftMs, tokensPerSecond } };
}
