import { Worker } from "node:worker_threads";
import { Kernel } from "./kernel.ts";
import type { Memories, Work } from "./kernel.ts";

/** The kernel on several threads that share its memories. The calling thread is one of them; others start when they are needed. */
export class KernelThreads implements AsyncDisposable {
  readonly #memories: Memories;
  readonly #own: Kernel;
  readonly #others: Worker[] = [];

  constructor(memories: Memories) {
    this.#memories = memories;
    this.#own = new Kernel(memories);
  }

  /** Does all pieces at once, the first on this thread; their results in order. Errors: those of a thread that ended. */
  async run(pieces: readonly Work[]): Promise<number[][]> {
    const [first, ...rest] = pieces;
    if (first === undefined) return [];
    const sent = rest.map((work, index) => send(this.#thread(index), work));
    const own = this.#own.do(first);
    return [own, ...(await Promise.all(sent))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#others.splice(0).map((worker) => worker.terminate()));
  }

  #thread(index: number): Worker {
    const running = this.#others[index];
    if (running !== undefined) return running;
    const worker = new Worker(new URL("kernel-thread.ts", import.meta.url), { workerData: this.#memories });
    this.#others[index] = worker;
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
