import { close, fdatasync, fdatasyncSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { HearthError } from "../../errors.ts";

const closed = promisify(close);

/** Waits until what was written to a file is on disk: on this thread, or on another one. */
export interface FileSync {
  blocking(fd: number): void;
  elsewhere(fd: number): Promise<void>;
}

const system: FileSync = { blocking: fdatasyncSync, elsewhere: promisify(fdatasync) };

/**
 * A disk that takes less than this, in ms, is waited for where we are: handing over to another thread and coming
 * back costs as much, and requests that arrive meanwhile share the next commit. A slower one must not hold up the
 * event loop.
 */
const worthWaiting = 1;
/** Weight of the newest sync in the running mean of durations. */
const newest = 0.1;

/**
 * Puts what SQLite has committed to its write-ahead log on disk before anybody hears of it. With
 * `synchronous = NORMAL` SQLite itself syncs at checkpoints, and the log's new beginning after one; together that
 * promises what FULL does (https://sqlite.org/pragma.html#pragma_synchronous), and the event loop need not wait.
 */
export class LogSync implements AsyncDisposable {
  readonly #path: string;
  readonly #files: FileSync;
  #fd: number | null = null;
  #running: Promise<void> | null = null;
  /** Begins after the running one, for those whose commit that one may not contain. */
  #next: Promise<void> | null = null;
  #meanMs = worthWaiting;
  #refused: HearthError | null = null;

  /** `path`: of the database; its log lies beside it. */
  constructor(path: string, files: FileSync = system) {
    this.#path = path;
    this.#files = files;
  }

  /**
   * Resolves when everything committed before this call is on disk. Calls that come during a sync share the next.
   *
   * @throws HearthError `unavailable`, from the first failure on until the database is opened again: what a disk
   * has refused once it may report as kept the next time, without having it.
   */
  sync(): Promise<void> {
    if (this.#running === null) {
      const running = this.#run().finally(() => {
        if (this.#running === running) this.#running = null;
      });
      this.#running = running;
      return running;
    }
    const waited = this.#running.catch(() => undefined);
    this.#next ??= waited.then(() => {
      this.#next = null;
      return this.sync();
    });
    return this.#next;
  }

  async #run(): Promise<void> {
    if (this.#refused !== null) throw this.#refused;
    const since = performance.now();
    try {
      // The log is there from the first commit until the last connection closes.
      this.#fd ??= openSync(`${this.#path}-wal`, "r+");
      if (this.#meanMs < worthWaiting) this.#files.blocking(this.#fd);
      else await this.#files.elsewhere(this.#fd);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.#refused = new HearthError(
        "unavailable",
        `The disk of the database ${this.#path} did not confirm a write (${words}). What was written since may be lost. Check the disk, then restart the hub; until then nothing more is written.`,
        { cause: error, details: { database: this.#path } },
      );
      throw this.#refused;
    }
    this.#meanMs += newest * (performance.now() - since - this.#meanMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#running !== null) await this.#running.catch(() => undefined);
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) await closed(fd);
  }
}
