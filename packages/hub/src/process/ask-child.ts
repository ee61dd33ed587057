import type { Serializable } from "node:child_process";
import { z } from "zod";
import { HearthError, type ErrorCode } from "../errors.ts";
import { describeExit, type ChildExit } from "./exit.ts";
import { superviseChild } from "./supervisor.ts";

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
  /** What its end without an answer means. */
  onDeath: (how: string, exit: ChildExit) => HearthError;
}

const readyTimeoutMs = 60_000;

const refused = z.object({
  type: z.literal("refused"),
  error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) }),
});
const answered = z.object({ type: z.literal("answered"), answer: z.unknown() });
const report = z.discriminatedUnion("type", [refused, answered]);

/**
 * Asks a child process one thing and waits for its end. What it refuses is thrown as it said it.
 *
 * @throws HearthError what the child refused, or `onDeath`'s; the signal's reason when aborted.
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
    readyTimeoutMs,
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
  if (told.type === "refused") {
    const { code, message, details } = told.error;
    throw new HearthError(code as ErrorCode, message, { details });
  }
  return question.answer.parse(told.answer);
}
