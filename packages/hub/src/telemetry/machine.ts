import { readFileSync } from "node:fs";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";

export interface MachineReading {
  cores: number;
  memoryTotalBytes: number;
  /** What programs can still take without swapping: page cache counts as available. */
  memoryAvailableBytes: number;
  /** Processes that want to run, averaged over 1, 5 and 15 minutes. */
  loadAverage: number[];
  platform: string;
}

export function readMachine(): MachineReading {
  return {
    cores: availableParallelism(),
    memoryTotalBytes: totalmem(),
    memoryAvailableBytes: availableMemory(),
    loadAverage: loadavg(),
    platform: `${process.platform}-${process.arch}`,
  };
}

/** `os.freemem` on Linux leaves out the page cache in some versions; MemAvailable is the kernel's own estimate. */
function availableMemory(): number {
  if (process.platform !== "linux") return freemem();
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  return match === null ? freemem() : Number(match[1]) * 1024;
}
