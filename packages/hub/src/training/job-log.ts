import { appendFile, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { HearthError } from "../errors.ts";

/** Of a file at most its last part is read. */
const readLimit = 1_000_000;

/** What trainers say, kept in one file a job beside the hub's own log. */
export class JobLog {
  readonly #folder: string;
  /** Lines are appended one after the other, in the order they came. */
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A full disk costs the line, never the job. */
  append(jobId: string, line: string): void {
    const text = `${line.replaceAll(/[\r\n]+/g, " ")}\n`;
    this.#writing = this.#writing
      .then(() => mkdir(this.#folder, { recursive: true }))
      .then(() => appendFile(this.#file(jobId), text))
      .catch(() => undefined);
  }

  /** The last lines of the job, then those that its process wrote to its error stream. */
  async tail(jobId: string, lines: number): Promise<string[]> {
    await this.#writing;
    const said = await lastLines(this.#file(jobId));
    const errors = await lastLines(join(this.#folder, `trainer-${jobId}.log`));
    return [...said, ...errors].slice(-lines);
  }

  #file(jobId: string): string {
    return join(this.#folder, `job-${jobId}.log`);
  }
}

async function lastLines(path: string): Promise<string[]> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const start = Math.max(0, size - readLimit);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - start), position: start });
    const lines = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    return (start === 0 ? lines : lines.slice(1)).filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new HearthError("internal", `the job's log cannot be read: ${String(error)}`, { cause: error });
  }
}
