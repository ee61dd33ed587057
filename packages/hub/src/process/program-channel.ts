import type { ChildProcess } from "node:child_process";
import { Readable } from "node:stream";
import type { Writable } from "node:stream";

/** Characters of a longer line are no message: they are passed over. */
const messageLimit = 1 << 20;

/**
 * The channel to a program that is no Node module: one JSON document a line, to it on its standard input,
 * from it on its file descriptor 3. The end of its input tells it that this process is gone.
 */
export class ProgramChannel {
  readonly #input: Writable | null;
  #open = true;

  constructor(child: ChildProcess, onMessage: (message: unknown) => void) {
    this.#input = child.stdin;
    // A program that is gone shows by its exit; what could not be written to it tells nothing more.
    child.stdin?.on("error", () => (this.#open = false));
    child.once("exit", () => (this.#open = false));
    const output = child.stdio[3];
    if (!(output instanceof Readable)) return;
    output.setEncoding("utf8");
    output.on("error", () => undefined);
    const lines = new MessageLines(onMessage);
    output.on("data", (text: string) => lines.push(text));
  }

  get connected(): boolean {
    return this.#open && this.#input?.writable === true;
  }

  send(message: unknown, done: (error: Error | null) => void): void {
    this.#input?.write(`${JSON.stringify(message)}\n`, (error) => done(error ?? null));
  }
}

/** Cuts text into lines and gives the JSON document of each; a library of the program may print what is none. */
export class MessageLines {
  readonly #onMessage: (message: unknown) => void;
  #rest = "";
  /** The line at hand is longer than a message may be. */
  #skipping = false;

  constructor(onMessage: (message: unknown) => void) {
    this.#onMessage = onMessage;
  }

  push(text: string): void {
    const lines = text.split("\n");
    const open = lines.pop() ?? "";
    for (const line of lines) {
      if (!this.#skipping) this.#take(this.#rest + line);
      this.#rest = "";
      this.#skipping = false;
    }
    this.#rest = this.#skipping ? "" : this.#rest + open;
    if (this.#rest.length > messageLimit) {
      this.#rest = "";
      this.#skipping = true;
    }
  }

  #take(line: string): void {
    if (line.length > messageLimit || line.trim() === "") return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return;
    }
    this.#onMessage(message);
  }
}
