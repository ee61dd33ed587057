import type { GpuReading, MachineReading } from "@hearth/wire/hub/machine";
import { readFile, statfs } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";
import { nvidiaArguments, parseAccelerators, parseNvidiaTable } from "./gpus.ts";
import { parseMeminfo, parseSwapUsage, parseVmStat, type MemoryReading } from "./memory.ts";
import { parseProcStat, timesOf, type ProcessorTimes } from "./processors.ts";
import { parseThermalState, processorTemperature, readSensors } from "./temperature.ts";
import { Tool } from "./tools.ts";

export type Heat = Pick<MachineReading, "cpu_celsius" | "thermal_state">;

/** Where readings come from on one system. Each tells null for what the machine does not tell, and none throws. */
export interface Sources {
  processors(): Promise<ProcessorTimes[]>;
  memory(signal: AbortSignal): Promise<MemoryReading>;
  disk(folder: string): Promise<MachineReading["disk"]>;
  gpus(signal: AbortSignal): Promise<GpuReading[] | null>;
  heat(signal: AbortSignal): Promise<Heat>;
}

/** The sources of the system that this process runs on. */
export function systemSources(platform: NodeJS.Platform = process.platform): Sources {
  const nvidia = new Tool(["nvidia-smi", ...nvidiaArguments], (table) => someOf(parseNvidiaTable(table)));
  const common = {
    processors: () => Promise.resolve(timesOf(cpus())),
    memory: () => Promise.resolve({ availableBytes: freemem(), swap: null }),
    disk,
    gpus: (signal: AbortSignal) => nvidia.read(signal),
    heat: () => Promise.resolve({ cpu_celsius: null, thermal_state: null }),
  };
  if (platform === "linux") {
    return {
      ...common,
      processors: async () => parseProcStat((await textOf("/proc/stat")) ?? ""),
      memory: async () => parseMeminfo((await textOf("/proc/meminfo")) ?? ""),
      heat: async () => ({ cpu_celsius: processorTemperature(await readSensors()), thermal_state: null }),
    };
  }
  return platform === "darwin" ? { ...common, ...darwinSources() } : common;
}

function darwinSources(): Pick<Sources, "memory" | "gpus" | "heat"> {
  const vmStat = new Tool(["vm_stat"], (text) => parseVmStat(text, totalmem()));
  const swap = new Tool(["sysctl", "-n", "vm.swapusage"], parseSwapUsage);
  const accelerators = new Tool(["ioreg", "-r", "-d", "1", "-w", "0", "-c", "IOAccelerator"], (text) =>
    someOf(parseAccelerators(text)),
  );
  const therm = new Tool(["pmset", "-g", "therm"], parseThermalState);
  return {
    memory: async (signal) => {
      const [availableBytes, swapUse] = await Promise.all([vmStat.read(signal), swap.read(signal)]);
      return { availableBytes, swap: swapUse };
    },
    gpus: (signal) => accelerators.read(signal),
    heat: async (signal) => ({ cpu_celsius: null, thermal_state: await therm.read(signal) }),
  };
}

function someOf<T>(items: T[]): T[] | null {
  return items.length === 0 ? null : items;
}

async function disk(folder: string): Promise<MachineReading["disk"]> {
  try {
    const { bsize, blocks, bavail } = await statfs(folder);
    return { total_bytes: bsize * blocks, free_bytes: bsize * bavail };
  } catch {
    return null;
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return null;
  }
}
