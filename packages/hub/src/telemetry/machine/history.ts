import type { GpuReading, MachineHistory, MachineReading } from "@hearth/wire/hub/machine";

type Row = [at: number, cpu: Cell, memory: Cell, gpu: Cell, gpuMemory: Cell, celsius: Cell];
type Cell = number | null;

/** The last readings, as many as are kept. */
export class ReadingHistory {
  readonly #kept: number;
  readonly #intervalMs: number;
  #rows: Row[] = [];

  constructor(options: { kept: number; intervalMs: number }) {
    this.#kept = options.kept;
    this.#intervalMs = options.intervalMs;
  }

  add(reading: MachineReading): void {
    const gpus = reading.gpus ?? [];
    this.#rows.push([
      Date.parse(reading.at),
      reading.cpu_percent,
      reading.memory_total_bytes - reading.memory_available_bytes,
      most(gpus, ({ percent }) => percent),
      sum(gpus, ({ memory_used_bytes }) => memory_used_bytes),
      reading.cpu_celsius ?? most(gpus, ({ celsius }) => celsius),
    ]);
    if (this.#rows.length > this.#kept) this.#rows.shift();
  }

  read(): MachineHistory {
    const column = (index: 1 | 2 | 3 | 4 | 5): Cell[] => this.#rows.map((row) => row[index]);
    return {
      interval_seconds: this.#intervalMs / 1000,
      at: this.#rows.map(([at]) => at),
      cpu_percent: column(1),
      memory_used_bytes: column(2),
      gpu_percent: column(3),
      gpu_memory_used_bytes: column(4),
      celsius: column(5),
    };
  }
}

function told(gpus: readonly GpuReading[], read: (gpu: GpuReading) => Cell): number[] {
  return gpus.map(read).filter((value) => value !== null);
}

function most(gpus: readonly GpuReading[], read: (gpu: GpuReading) => Cell): Cell {
  const values = told(gpus, read);
  return values.length === 0 ? null : Math.max(...values);
}

function sum(gpus: readonly GpuReading[], read: (gpu: GpuReading) => Cell): Cell {
  const values = told(gpus, read);
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}
