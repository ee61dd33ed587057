import type { Serializable } from "node:child_process";
import { z } from "zod";
import { HearthError, type ErrorCode } from "../errors.ts";
import { describeExit, type ChildExit } from "./exit.ts";
import { superviseChild } from "./supervisor.ts";

/** What a child says when it cannot answer. */
export type ChildRefusal = z.infer<typeof refusal>;

/** A question to a child process that answers once and ends. */
export interface ChildQuestion<Answer extends z.ZodType> {
  /** For messages: `the process that reads datasets`. */
  name: string;
  module: URL;
  execArgv?: readonly string[];
  command: Serializable;
  answer: Answer;
  memoryLimitBytes: number;
  logFile: string;
  /** Until it listens; default 60,000. */
  readyTimeoutMs?: number;
  /** What its refusal means; default: what it says. */
  onRefused?: (error: ChildRefusal) => HearthError;
  /** What its end without an answer means. */
  onDeath: (how: string, exit: ChildExit) => HearthError;
}

const defaultReadyTimeoutMs = 60_000;

const refusal = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
});
const refused = z.object({ type: z.literal("refused"), error: refusal });
const answered = z.object({ type: z.literal("answered"), answer: z.unknown() });
const report = z.discriminatedUnion("type", [refused, answered]);

/**
 * Asks a child process one thing and waits for its end.
 *
 * @throws HearthError `onRefused`'s, or `onDeath`'s; the signal's reason when aborted.
 */
export async function askChild<Answer extends z.ZodType>(
  question: ChildQuestion<Answer>,
  signal: AbortSignal,
): Promise<z.output<Answer>> {
  signal.throwIfAborted();
  let told: z.infer<typeof report> | undefined;
  const child = superviseChild({
    name: question.name,
    module: question.module,
    execArgv: question.execArgv ?? [],
    logFile: question.logFile,
    memoryLimitBytes: question.memoryLimitBytes,
    readyTimeoutMs: question.readyTimeoutMs ?? defaultReadyTimeoutMs,
    onMessage: (message) => {
      const parsed = report.safeParse(message);
      if (parsed.success) told = parsed.data;
    },
  });
  const abort = () => void child.kill();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await child.ready;
    await child.send(question.command);
    const exit = await child.exited;
    signal.throwIfAborted();
    if (told === undefined) throw question.onDeath(describeExit(question.name, exit), exit);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    await child.kill();
  }
  if (told.type === "refused") throw (question.onRefused ?? asSaid)(told.error);
  return question.answer.parse(told.answer);
}

function asSaid({ code, message, details }: ChildRefusal): HearthError {
  return new HearthError(code as ErrorCode, message, { details });
}
