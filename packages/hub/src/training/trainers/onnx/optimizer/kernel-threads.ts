import { Worker } from "node:worker_threads";
import { Kernel } from "./kernel.ts";
import type { Memories, Work } from "./kernel.ts";

/** The kernel on several threads that share its memories. The calling thread is one of them; others start when they are needed. */
export class KernelThreads implements AsyncDisposable {
  readonly #memories: Memories;
  readonly #own: Kernel;
  readonly #others = new Map<number, Worker>();

  constructor(memories: Memories) {
    this.#memories = memories;
    this.#own = new Kernel(memories);
  }

  /** Does all pieces at once, the first on this thread; their results in order. Errors: those of a thread that ended. */
  async run(pieces: readonly Work[]): Promise<number[][]> {
    const [first, ...rest] = pieces;
    if (first === undefined) return [];
    const sent = rest.map((work, index) => this.#send(index, work));
    const own = this.#own.do(first);
    return [own, ...(await Promise.all(sent))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const others = [...this.#others.values()];
    this.#others.clear();
    await Promise.all(others.map((worker) => worker.terminate()));
  }

  /** A thread that failed is not asked again: another takes its place. */
  async #send(index: number, work: Work): Promise<number[]> {
    try {
      return await send(this.#thread(index), work);
    } catch (error) {
      this.#others.delete(index);
      throw error;
    }
  }

  #thread(index: number): Worker {
    const running = this.#others.get(index);
    if (running !== undefined) return running;
    const worker = new Worker(new URL("kernel-thread.ts", import.meta.url), { workerData: this.#memories });
    this.#others.set(index, worker);
    return worker;
  }
}

/** The process waits for a thread only while it works. */
function send(worker: Worker, work: Work): Promise<number[]> {
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  const ended = (code: number) => reject(new Error(`a thread of the optimizer ended with ${code}`));
  worker.once("message", resolve).once("error", reject).once("exit", ended);
  worker.ref();
  worker.postMessage(work);
  return promise.finally(() => {
    worker.off("message", resolve).off("error", reject).off("exit", ended);
    worker.unref();
  });
}
