import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { childEnvironment, inheritedEnvironment } from "../../../../process/environment.ts";
import { signalGroup } from "../../../../process/signals.ts";

export interface ProgramResult {
  /** Null: it could not be started, or a signal ended it. */
  code: number | null;
  /** Its last lines, both outputs together, oldest first. */
  lines: string[];
}

const keepLines = 40;
const lineLimit = 2_000;

/**
 * Runs a program to its end, with both outputs as lines. The signal ends it and what it started.
 * Errors: the signal's reason. A program that is missing or fails is a result.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { signal: AbortSignal; env?: Record<string, string>; onLine?: (line: string) => void },
): Promise<ProgramResult> {
  const { signal, env = {}, onLine } = options;
  signal.throwIfAborted();
  const child = spawn(program, args, {
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe"],
    env: childEnvironment(inheritedEnvironment(), env),
  });
  const lines: string[] = [];
  const take = (line: string): void => {
    if (line.trim() === "") return;
    lines.push(line.slice(0, lineLimit));
    if (lines.length > keepLines) lines.shift();
    onLine?.(line.slice(0, lineLimit));
  };
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", take);
  const abort = (): void => {
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    const code = await new Promise<number | null>((resolve) => {
      child.once("close", resolve);
      child.once("error", (error) => {
        take(error.message);
        resolve(null);
      });
    });
    signal.throwIfAborted();
    return { code, lines };
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The last line that is a JSON object; null without one. Warnings may come after a program's answer. */
export function lastJson(lines: readonly string[]): unknown {
  const line = lines.findLast((each) => each.startsWith("{"));
  try {
    return line === undefined ? null : (JSON.parse(line) as unknown);
  } catch {
    return null;
  }
}
