import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const program = fileURLToPath(new URL("bare-loop.ts", import.meta.url));
const answer = z.object({ prefill: z.number(), decode: z.number() });

export interface Load {
  streams: number;
  /** Tokens of each prompt; no two prompts begin alike. */
  promptTokens: number;
  answerTokens: number;
}

/** Tokens a second of all streams together. */
export type Speeds = z.infer<typeof answer>;

/** The process of `bare-loop.ts`. */
export class BareEngine implements AsyncDisposable {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcessByStdio<Writable, Readable, null>) {
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  static async start(model: string, threads: number): Promise<BareEngine> {
    const child = spawn(process.execPath, [program, model, String(threads)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const engine = new BareEngine(child);
    await engine.#line();
    return engine;
  }

  async measure(load: Load, seed: number): Promise<Speeds> {
    this.#process.stdin.write(`${JSON.stringify({ ...load, seed })}\n`);
    return answer.parse(JSON.parse(await this.#line()));
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the bare loop ended; see what it wrote above");
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.stdin.end();
    await exited;
  }
}
