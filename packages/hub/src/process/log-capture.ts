import { appendFile, mkdir, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "./identity.ts";

const lineLimit = 2_000;

/**
 * A child's output: appended to a file that is replaced (one old copy is kept as
 * `FILE.1`) before it passes `limitBytes`, and its last lines in memory, because what
 * native code prints before it dies is the reason a person needs.
 */
export class LogCapture {
  readonly #file: string;
  readonly #limitBytes: number;
  readonly #keepLines: number;
  readonly #lines: string[] = [];
  #written = 0;
  #opened: Promise<void> | null = null;
  #turn: Promise<void> = Promise.resolve();
  #fileFailed = false;

  constructor(file: string, limitBytes: number, keepLines: number) {
    this.#file = file;
    this.#limitBytes = limitBytes;
    this.#keepLines = keepLines;
  }

  /** The last lines, oldest first. */
  get lastLines(): string[] {
    return [...this.#lines];
  }

  /** Reads a stream to its end; slow disks slow the child down instead of filling this process. Never rejects. */
  async follow(stream: NodeJS.ReadableStream): Promise<void> {
    try {
      await this.#read(stream);
    } catch (error) {
      this.#remember(
        `(its output could not be read further: ${error instanceof Error ? error.message : String(error)})`,
      );
    }
  }

  async #read(stream: NodeJS.ReadableStream): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      const parts = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
      rest = parts.pop() ?? "";
      if (rest.length > lineLimit) {
        parts.push(rest);
        rest = "";
      }
      for (const line of parts) this.#remember(line);
      await this.#append(bytes);
    }
    if (rest !== "") this.#remember(rest);
  }

  #remember(line: string): void {
    if (line.trim() === "") return;
    this.#lines.push(line.slice(0, lineLimit));
    if (this.#lines.length > this.#keepLines) this.#lines.shift();
  }

  #append(bytes: Uint8Array): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#fileFailed) return;
      try {
        await (this.#opened ??= this.#open());
        if (this.#written + bytes.length > this.#limitBytes && this.#written > 0) {
          await rename(this.#file, `${this.#file}.1`);
          this.#written = 0;
        }
        await appendFile(this.#file, bytes, { mode: 0o600 });
        this.#written += bytes.length;
      } catch (error) {
        // A full disk must not take the child down: its lines stay in memory, the reason among them.
        this.#fileFailed = true;
        this.#remember(
          `(the log file ${this.#file} cannot be written: ${error instanceof Error ? error.message : String(error)})`,
        );
      }
    });
    return this.#turn;
  }

  async #open(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    try {
      this.#written = (await stat(this.#file)).size;
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
}
