import { appendFile, mkdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { HearthError } from "../errors.ts";

/** A log is put aside when it is so large, and the one that was put aside before goes. */
const defaultLimit = 8_000_000;

/** What trainers say, kept in one file a job beside the hub's own log. */
export class JobLog {
  readonly #folder: string;
  readonly #limitBytes: number;
  /** Bytes of the files that were written to. */
  readonly #sizes = new Map<string, number>();
  /** Lines are appended one after the other, in the order they came. */
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string, limitBytes = defaultLimit) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
  }

  /** A full disk costs the line, never the job. */
  append(jobId: string, line: string): void {
    const text = `${line.replaceAll(/[\r\n]+/g, " ")}\n`;
    this.#writing = this.#writing
      .then(() => mkdir(this.#folder, { recursive: true }))
      .then(() => this.#append(this.#file(jobId), text))
      .catch(() => undefined);
  }

  /** The last lines of the job, then those that its process wrote to its error stream. */
  async tail(jobId: string, lines: number): Promise<string[]> {
    await this.#writing;
    const file = this.#file(jobId);
    const all: string[][] = [];
    for (const path of [`${file}.1`, file, join(this.#folder, `trainer-${jobId}.log`)])
      all.push(await linesOf(path));
    return all.flat().slice(-lines);
  }

  async #append(file: string, text: string): Promise<void> {
    const size = this.#sizes.get(file) ?? (await sizeOf(file));
    const full = size > 0 && size + text.length > this.#limitBytes;
    // Known again when the line is written: who takes the file away costs a line at most.
    this.#sizes.delete(file);
    if (full) await rename(file, `${file}.1`);
    await appendFile(file, text);
    this.#sizes.set(file, (full ? 0 : size) + Buffer.byteLength(text));
  }

  #file(jobId: string): string {
    return join(this.#folder, `job-${jobId}.log`);
  }
}

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return [];
    throw new HearthError("internal", `the job's log cannot be read: ${String(error)}`, { cause: error });
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return 0;
    throw error;
  }
}
