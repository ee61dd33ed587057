import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const timeoutMs = 5000;

/** A tool that fails may be asked again when its driver has come back. */
const againMs = 60_000;

/** One of the machine's own programs that tells readings; where it is not there it is looked for once. */
export class Tool<T> {
  readonly #command: readonly [program: string, ...args: string[]];
  readonly #parse: (output: string) => T | null;
  #notBefore = 0;

  constructor(command: readonly [program: string, ...args: string[]], parse: (output: string) => T | null) {
    this.#command = command;
    this.#parse = parse;
  }

  /** Null where it tells nothing. */
  async read(signal: AbortSignal): Promise<T | null> {
    if (performance.now() < this.#notBefore) return null;
    const [program, ...args] = this.#command;
    try {
      const { stdout } = await run(program, args, { timeout: timeoutMs, windowsHide: true, signal });
      return this.#parse(stdout);
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      this.#notBefore = missing ? Infinity : performance.now() + againMs;
      return null;
    }
  }
}
