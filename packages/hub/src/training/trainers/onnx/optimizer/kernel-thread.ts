/** A thread of {@link KernelThreads}: does what it is sent, one piece after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { Kernel } from "./kernel.ts";
import type { Memories, Work } from "./kernel.ts";

if (parentPort === null) throw new Error("kernel-thread.ts is started as a thread");
const port = parentPort;
const kernel = new Kernel(workerData as Memories);
port.on("message", (work: Work) => port.postMessage(kernel.do(work)));
