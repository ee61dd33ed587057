/**
 * Entry of the process that runs one scorer of a person's own: loads it once, then scores row by row. It may read
 * its own source and the hub's, write nothing and start nothing; it has none of the hub's environment.
 */
import { pathToFileURL } from "node:url";
import type { ScorerCommand, ScorerEvent, ScorerInput } from "./messages.ts";

type Score = (input: ScorerInput) => unknown;

let score: Score | null = null;

process.on("message", (command: ScorerCommand) => {
  if (command.type === "load") void load(command.path);
  else void run(command.id, command.input);
});
report({ type: "ready" });

async function load(path: string): Promise<void> {
  try {
    const loaded: Record<string, unknown> = await import(pathToFileURL(path).href);
    if (!isScore(loaded["score"])) throw new TypeError('it exports no function "score"');
    score = loaded["score"];
    report({ type: "loaded", name: loaded["name"] });
  } catch (error) {
    report({ type: "refused", reason: wordsOf(error) });
  }
}

async function run(id: number, input: ScorerInput): Promise<void> {
  try {
    if (score === null) throw new TypeError("no scorer is loaded");
    // What is no plain value cannot be sent, and fails here.
    report({ type: "scored", id, result: structuredClone(await score(input)) });
  } catch (error) {
    report({ type: "failed", id, reason: wordsOf(error) });
  }
}

function isScore(value: unknown): value is Score {
  return typeof value === "function";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`;
}

function report(event: ScorerEvent): void {
  process.send?.(event);
}
