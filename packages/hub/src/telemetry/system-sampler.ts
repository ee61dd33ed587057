import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { promisify } from "node:util";
import { readMachine } from "./machine.ts";

/** What a process has used: CPU time since its start, memory now. */
export interface ProcessUse {
  cpuSeconds: number;
  residentBytes: number;
}

const megabyte = 1_000_000;
/** nvidia-smi counts in units of 2^20 bytes. */
const megabytesPerMebibyte = 2 ** 20 / megabyte;
const nvidiaTimeoutMs = 5000;

const run = promisify(execFile);

/**
 * Reads how busy the machine and one process are, under the names that MLflow's system metrics have. Rates are of
 * the time since the reading before, so that the first one has none.
 */
export class SystemSampler {
  readonly #readProcess: () => Promise<ProcessUse | null>;
  #times = processorTimes();
  #process: { cpuSeconds: number; at: number } | null = null;
  #hasNvidia = true;

  /** `readProcess` gives null when the process is gone. */
  constructor(readProcess: () => Promise<ProcessUse | null>) {
    this.#readProcess = readProcess;
  }

  async read(): Promise<Record<string, number>> {
    return {
      ...this.#processors(),
      ...memory(),
      ...(await this.#processUse()),
      ...(await this.#gpus()),
    };
  }

  #processors(): Record<string, number> {
    const before = this.#times;
    this.#times = processorTimes();
    const total = this.#times.total - before.total;
    // Two readings within one tick of the system's clock say nothing.
    if (total <= 0) return {};
    return { cpu_utilization_percentage: ((this.#times.busy - before.busy) / total) * 100 };
  }

  async #processUse(): Promise<Record<string, number>> {
    const reading = await this.#readProcess();
    if (reading === null) return {};
    const before = this.#process;
    const at = performance.now();
    this.#process = { cpuSeconds: reading.cpuSeconds, at };
    const readings: Record<string, number> = {
      process_memory_usage_megabytes: reading.residentBytes / megabyte,
    };
    if (before !== null && at > before.at) {
      // Of one processor: a trainer of four threads shows 400.
      readings["process_cpu_utilization_percentage"] =
        ((reading.cpuSeconds - before.cpuSeconds) / ((at - before.at) / 1000)) * 100;
    }
    return readings;
  }

  async #gpus(): Promise<Record<string, number>> {
    if (!this.#hasNvidia) return {};
    try {
      const query =
        "--query-gpu=index,utilization.gpu,memory.used,memory.total,power.draw,enforced.power.limit";
      const { stdout } = await run("nvidia-smi", [query, "--format=csv,noheader,nounits"], {
        timeout: nvidiaTimeoutMs,
      });
      return parseNvidia(stdout);
    } catch {
      // Most machines have none: it is asked for once.
      this.#hasNvidia = false;
      return {};
    }
  }
}

/** Reads nvidia-smi's table; what a GPU does not report (`[N/A]`) is left out. */
export function parseNvidia(table: string): Record<string, number> {
  const readings: Record<string, number> = {};
  for (const line of table.split("\n")) {
    const [index = NaN, busy = NaN, used = NaN, total = NaN, watts = NaN, limit = NaN] = line
      .split(",")
      .map((cell) => Number.parseFloat(cell));
    if (!Number.isInteger(index)) continue;
    const gpu = {
      utilization_percentage: busy,
      memory_usage_megabytes: used * megabytesPerMebibyte,
      memory_usage_percentage: (used / total) * 100,
      power_usage_watts: watts,
      power_usage_percentage: (watts / limit) * 100,
    };
    for (const [name, value] of Object.entries(gpu))
      if (Number.isFinite(value)) readings[`gpu_${index}_${name}`] = value;
  }
  return readings;
}

function memory(): Record<string, number> {
  const { memoryTotalBytes: total, memoryAvailableBytes: available } = readMachine();
  const used = total - available;
  return {
    system_memory_usage_megabytes: used / megabyte,
    system_memory_usage_percentage: (used / total) * 100,
  };
}

/** Milliseconds of all processors since the machine started. */
function processorTimes(): { busy: number; total: number } {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const { user, nice, sys, irq, idle } = times;
    busy += user + nice + sys + irq;
    total += user + nice + sys + irq + idle;
  }
  return { busy, total };
}
