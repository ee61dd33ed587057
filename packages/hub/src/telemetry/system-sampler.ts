import type { GpuReading } from "@hearth/wire/hub/machine";
import { freemem, totalmem } from "node:os";
import { useBetween, type ProcessorTimes } from "./machine/processors.ts";
import { systemSources, type Sources } from "./machine/sources.ts";

/** What a process has used: CPU time since its start, memory now. */
export interface ProcessUse {
  cpuSeconds: number;
  residentBytes: number;
}

const megabyte = 1_000_000;
/** Each tool has its own time limit; there is nothing else to stop it for. */
const never = new AbortController().signal;

/**
 * Reads how busy the machine and one process are, under the names that MLflow's system metrics have. Rates are of
 * the time since the reading before, so that the first one has none.
 */
export class SystemSampler {
  readonly #readProcess: () => Promise<ProcessUse | null>;
  readonly #sources: Sources;
  #times: ProcessorTimes[] = [];
  #process: { cpuSeconds: number; at: number } | null = null;

  /** `readProcess` gives null when the process is gone. */
  constructor(readProcess: () => Promise<ProcessUse | null>, sources: Sources = systemSources()) {
    this.#readProcess = readProcess;
    this.#sources = sources;
  }

  async read(): Promise<Record<string, number>> {
    const [processors, memory, process, gpus, heat] = await Promise.all([
      this.#processors(),
      this.#memory(),
      this.#processUse(),
      this.#sources.gpus(never),
      this.#sources.heat(never),
    ]);
    return {
      ...processors,
      ...(heat.cpu_celsius === null ? {} : { cpu_temperature_celsius: heat.cpu_celsius }),
      ...memory,
      ...process,
      ...gpuMetrics(gpus ?? []),
    };
  }

  async #processors(): Promise<Record<string, number>> {
    const before = this.#times;
    this.#times = await this.#sources.processors();
    const use = useBetween(before, this.#times);
    return use === null ? {} : { cpu_utilization_percentage: use.percent };
  }

  async #memory(): Promise<Record<string, number>> {
    const total = totalmem();
    const used = total - ((await this.#sources.memory(never)).availableBytes ?? freemem());
    return {
      system_memory_usage_megabytes: used / megabyte,
      system_memory_usage_percentage: (used / total) * 100,
    };
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
}

/** GPUs by their place in the machine; what one does not report is left out. */
export function gpuMetrics(gpus: readonly GpuReading[]): Record<string, number> {
  const readings: Record<string, number> = {};
  for (const [index, gpu] of gpus.entries()) {
    const { percent, memory_used_bytes: used, memory_total_bytes: total } = gpu;
    const { power_watts: watts, power_limit_watts: limit, celsius } = gpu;
    const metrics = {
      utilization_percentage: percent,
      memory_usage_megabytes: used === null ? null : used / megabyte,
      memory_usage_percentage: shareOf(used, total),
      power_usage_watts: watts,
      power_usage_percentage: shareOf(watts, limit),
      temperature_celsius: celsius,
    };
    for (const [name, value] of Object.entries(metrics))
      if (value !== null) readings[`gpu_${index}_${name}`] = value;
  }
  return readings;
}

function shareOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : (part / whole) * 100;
}
