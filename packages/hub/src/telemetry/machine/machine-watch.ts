import type { MachineHistory, MachineReading } from "@hearth/wire/hub/machine";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import { ReadingHistory } from "./history.ts";
import { useBetween, type ProcessorTimes } from "./processors.ts";
import { systemSources, type Heat, type Sources } from "./sources.ts";

export interface MachineWatchOptions {
  /** The disk that it is on is read. */
  folder: string;
  /** Between two readings; default 2 s. */
  intervalMs?: number;
  sources?: Sources;
  now?: () => number;
}

const keptMs = 600_000;
/** Tools that start a process are not run this often while nobody has looked for `unwatchedMs`. */
const restingMs = 10_000;
const unwatchedMs = 5_000;

/** What takes a program or a disk that may be asleep. */
type Slow = Heat & Pick<MachineReading, "gpus" | "disk">;
type Quick = Omit<MachineReading, keyof Slow>;
const nothingYet: Slow = { gpus: null, disk: null, cpu_celsius: null, thermal_state: null };

/** Reads the machine every few seconds in the background and remembers the last ten minutes. */
export class MachineWatch implements AsyncDisposable {
  readonly #folder: string;
  readonly #sources: Sources;
  readonly #now: () => number;
  readonly #history: ReadingHistory;
  readonly #timer: NodeJS.Timeout;
  readonly #stop = new AbortController();
  #times: ProcessorTimes[] = [];
  #slow = nothingYet;
  #slowAt = -Infinity;
  #lookedAt = -Infinity;
  #current: Quick | null = null;
  #sampling: Promise<Quick> | null = null;
  #asking = false;

  constructor({ folder, intervalMs = 2000, sources = systemSources(), now = Date.now }: MachineWatchOptions) {
    this.#folder = folder;
    this.#sources = sources;
    this.#now = now;
    this.#history = new ReadingHistory({ kept: Math.ceil(keptMs / intervalMs), intervalMs });
    this.#timer = setInterval(() => void this.sample(), intervalMs).unref();
    void this.sample();
  }

  /** The last reading; waits for the first one only. */
  async read(): Promise<MachineReading> {
    this.#lookedAt = this.#now();
    const current = this.#current ?? (await this.sample());
    return { ...current, ...this.#slow };
  }

  history(): MachineHistory {
    return this.#history.read();
  }

  /** Takes a reading now, one at a time. Tools are asked beside it: one that hangs delays nothing. */
  sample(): Promise<Quick> {
    if (!this.#asking && this.#slowIsDue()) {
      this.#asking = true;
      void this.#ask().finally(() => (this.#asking = false));
    }
    this.#sampling ??= this.#take().finally(() => (this.#sampling = null));
    return this.#sampling;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    // Tools end by the signal; a disk of another machine that does not answer is not waited for.
    await this.#sampling;
  }

  async #take(): Promise<Quick> {
    const [times, memory] = await Promise.all([
      this.#sources.processors(),
      this.#sources.memory(this.#stop.signal),
    ]);
    const use = useBetween(this.#times, times);
    this.#times = times;
    const memoryTotal = totalmem();
    this.#current = {
      at: new Date(this.#now()).toISOString(),
      platform: `${process.platform}-${process.arch}`,
      cores: availableParallelism(),
      cpu_percent: use?.percent ?? null,
      cpu_core_percents: use?.cores ?? null,
      memory_total_bytes: memoryTotal,
      memory_available_bytes: Math.min(memoryTotal, memory.availableBytes ?? freemem()),
      swap: memory.swap,
      // Windows counts none and gives zeros.
      load_average: process.platform === "win32" ? [] : loadavg(),
    };
    this.#history.add({ ...this.#current, ...this.#slow });
    return this.#current;
  }

  #slowIsDue(): boolean {
    const now = this.#now();
    return now - this.#lookedAt < unwatchedMs || now - this.#slowAt >= restingMs;
  }

  async #ask(): Promise<void> {
    this.#slowAt = this.#now();
    const { signal } = this.#stop;
    const [gpus, heat, disk] = await Promise.all([
      this.#sources.gpus(signal),
      this.#sources.heat(signal),
      this.#sources.disk(this.#folder),
    ]);
    this.#slow = { gpus, disk, ...heat };
  }
}
