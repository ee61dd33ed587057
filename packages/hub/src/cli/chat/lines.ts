import { createInterface, type Interface } from "node:readline";

/** The lines of standard input, one at a time; a person's are edited in place. */
export class Lines implements Disposable {
  readonly isTerminal = process.stdin.isTTY;
  readonly #readline: Interface;
  readonly #waiting: string[] = [];
  #wanted: ((line: string | null) => void) | null = null;
  #ended = false;

  /** `onInterrupt`: Ctrl-C of a person; a pipe has none. */
  constructor(onInterrupt: () => void) {
    this.#readline = createInterface({
      input: process.stdin,
      output: process.stderr,
      terminal: this.isTerminal,
    });
    this.#readline.on("SIGINT", onInterrupt);
    this.#readline.on("line", (line) => {
      if (this.#wanted === null) this.#waiting.push(line);
      else this.#give(line);
    });
    this.#readline.on("close", () => {
      this.#ended = true;
      this.#give(null);
    });
  }

  /** The next line, also one that was typed ahead; null at the end. */
  next(prompt: string): Promise<string | null> {
    const [line] = this.#waiting.splice(0, 1);
    if (line !== undefined) return Promise.resolve(line);
    return this.fresh(prompt);
  }

  /** The next line that is typed from now on: what came before was no answer to this question. */
  fresh(prompt: string): Promise<string | null> {
    if (this.#ended) return Promise.resolve(null);
    if (this.isTerminal) {
      this.#readline.setPrompt(prompt);
      this.#readline.prompt();
    }
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }

  close(): void {
    this.#readline.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #give(line: string | null): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    wanted?.(line);
  }
}
