import { open, type FileHandle } from "node:fs/promises";
import { translateWriteError } from "../../artifacts/fs/errors.ts";
import { HearthError } from "../../errors.ts";

const pieceBytes = 1 << 18;

/** What all files of one conversion together may have; a few rows of a compressed file can stand for any number. */
export interface WriteBudget {
  left: number;
  limit: number;
}

/** Writes lines to a new file, a quarter of a megabyte at a time. */
export class LineWriter implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #budget: WriteBudget;
  #pending: string[] = [];
  #bytes = 0;

  private constructor(path: string, handle: FileHandle, budget: WriteBudget) {
    this.path = path;
    this.#handle = handle;
    this.#budget = budget;
  }

  static async open(path: string, budget: WriteBudget): Promise<LineWriter> {
    const handle = await open(path, "wx", 0o600).catch((error: unknown) => {
      throw translateWriteError(error, path);
    });
    return new LineWriter(path, handle, budget);
  }

  /** @throws HearthError `too_large` beyond the budget, `resource_exhausted` on a full disk */
  async write(line: string): Promise<void> {
    const bytes = Buffer.byteLength(line) + 1;
    this.#budget.left -= bytes;
    if (this.#budget.left < 0) {
      throw new HearthError(
        "too_large",
        `The rows are more than ${this.#budget.limit.toLocaleString("en")} bytes as JSONL; register them in parts.`,
        { details: { limit: this.#budget.limit } },
      );
    }
    this.#pending.push(line, "\n");
    this.#bytes += bytes;
    if (this.#bytes >= pieceBytes) await this.#flush();
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#handle.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #flush(): Promise<void> {
    const text = this.#pending.join("");
    this.#pending = [];
    this.#bytes = 0;
    try {
      await this.#handle.writeFile(text);
    } catch (error) {
      throw translateWriteError(error, this.path);
    }
  }
}
