import type { MachineReading } from "@hearth/wire/hub/machine";
import type { Gauge } from "prom-client";

/** Metrics of the machine; what this gives takes over one reading. What is not measured has no series. */
export function machineGauges(
  gauge: (name: string, help: string, labelNames?: string[]) => Gauge,
): (reading: MachineReading) => void {
  const cpu = gauge("hearth_machine_cpu_ratio", "How busy the processors are, 0 to 1.", ["core"]);
  const load = gauge("hearth_machine_load", "Processes that want to run, on average.", ["minutes"]);
  const swap = gauge("hearth_machine_swap_bytes", "Swap space of the machine.", ["kind"]);
  const disk = gauge("hearth_machine_disk_bytes", "The disk that the hub's home folder is on.", ["kind"]);
  const heat = gauge("hearth_machine_temperature_celsius", "The hottest of the processor's sensors.", [
    "sensor",
  ]);
  const gpuUse = gauge("hearth_gpu_utilization_ratio", "How busy a GPU is, 0 to 1.", ["gpu"]);
  const gpuMemory = gauge("hearth_gpu_memory_bytes", "Memory of a GPU.", ["gpu", "kind"]);
  const gpuPower = gauge("hearth_gpu_power_watts", "What a GPU draws.", ["gpu"]);
  const gpuHeat = gauge("hearth_gpu_temperature_celsius", "Temperature of a GPU.", ["gpu"]);
  const all = [cpu, load, swap, disk, heat, gpuUse, gpuMemory, gpuPower, gpuHeat];

  return (reading) => {
    for (const each of all) each.reset();
    const set = (to: Gauge, labels: Record<string, string>, value: number | null | undefined): void => {
      if (value !== null && value !== undefined) to.set(labels, value);
    };
    set(cpu, { core: "all" }, ratio(reading.cpu_percent));
    for (const [core, percent] of (reading.cpu_core_percents ?? []).entries())
      set(cpu, { core: String(core) }, ratio(percent));
    for (const [index, minutes] of ["1", "5", "15"].entries())
      set(load, { minutes }, reading.load_average[index]);
    set(swap, { kind: "total" }, reading.swap?.total_bytes);
    set(swap, { kind: "used" }, reading.swap?.used_bytes);
    set(disk, { kind: "total" }, reading.disk?.total_bytes);
    set(disk, { kind: "free" }, reading.disk?.free_bytes);
    set(heat, { sensor: "cpu" }, reading.cpu_celsius);
    for (const [index, one] of (reading.gpus ?? []).entries()) {
      const gpu = String(index);
      set(gpuUse, { gpu }, ratio(one.percent));
      set(gpuMemory, { gpu, kind: "used" }, one.memory_used_bytes);
      set(gpuMemory, { gpu, kind: "total" }, one.memory_total_bytes);
      set(gpuPower, { gpu }, one.power_watts);
      set(gpuHeat, { gpu }, one.celsius);
    }
  };
}

function ratio(percent: number | null): number | null {
  return percent === null ? null : percent / 100;
}
