import { SimpleGrid } from "@mantine/core";
import type { GpuReading, MachineState } from "@hearth/wire/hub/machine";
import { formatBytes } from "../format.ts";
import { CoreBars } from "./core-bars.tsx";
import { Reading } from "./reading.tsx";

/** No processor survives being hotter. */
const hottest = 100;

/** How busy the hub's machine is, and was in the last minutes; what is not measured there says so. */
export function MachineReadings({
  machine,
  cols,
}: {
  machine: MachineState;
  cols?: { base: number; sm: number; lg?: number };
}) {
  const { now, budget, history } = machine;
  const taken = now.memory_total_bytes - now.memory_available_bytes;
  const past = (y: readonly (number | null)[], most: number) => ({ x: history.at, y, most });
  return (
    <SimpleGrid cols={cols ?? 1} spacing="lg" verticalSpacing="sm">
      <Reading
        label="CPU"
        text={now.cpu_percent === null ? null : `${Math.round(now.cpu_percent)} % of ${now.cores} cores`}
        parts={share("CPU", now.cpu_percent ?? 0, 100)}
        history={past(history.cpu_percent, 100)}
      >
        {now.cpu_core_percents !== null && <CoreBars percents={now.cpu_core_percents} />}
      </Reading>
      <Reading
        label="Memory"
        text={`${formatBytes(taken)} of ${formatBytes(now.memory_total_bytes)}`}
        parts={share("Memory", taken, now.memory_total_bytes)}
        history={past(history.memory_used_bytes, now.memory_total_bytes)}
      />
      <Reading
        label="Hub's memory"
        text={`${[
          `models ${formatBytes(budget.models_bytes)}`,
          ...(budget.job_bytes > 0 ? [`job ${formatBytes(budget.job_bytes)}`] : []),
        ].join(", ")} of ${formatBytes(budget.total_bytes)}`}
        parts={[
          ...share("Taken by models", budget.models_bytes, budget.total_bytes),
          ...share("Reserved by a job", budget.job_bytes, budget.total_bytes, "blue"),
        ]}
      />
      {now.gpus === null ? (
        <Reading label="GPU" text={null} />
      ) : (
        now.gpus.map((gpu, index) => (
          <Reading
            key={`${index} ${gpu.name}`}
            label={gpu.name}
            text={gpuText(gpu)}
            parts={share(`${gpu.name} use`, gpu.percent ?? 0, 100)}
            // Its history is that of the busiest one.
            {...(now.gpus?.length === 1 ? { history: past(history.gpu_percent, 100) } : {})}
          />
        ))
      )}
      <Reading
        label="Disk"
        text={
          now.disk === null
            ? null
            : `${formatBytes(now.disk.free_bytes)} free of ${formatBytes(now.disk.total_bytes)}`
        }
        parts={
          now.disk === null
            ? []
            : share("Disk", now.disk.total_bytes - now.disk.free_bytes, now.disk.total_bytes)
        }
      />
      <Reading label="Swap" text={swapText(machine)} parts={swapParts(machine)} />
      <Reading
        label="Temperature"
        text={heatText(machine)}
        parts={now.cpu_celsius === null ? [] : share("Temperature", now.cpu_celsius, hottest)}
        history={past(history.celsius, hottest)}
      />
      <Reading
        label="Load"
        text={
          now.load_average.length === 0
            ? null
            : `${now.load_average.map((load) => load.toFixed(1)).join(", ")} (1, 5, 15 min)`
        }
        parts={share("Load", now.load_average[0] ?? 0, now.cores)}
      />
    </SimpleGrid>
  );
}

function share(label: string, part: number, whole: number, color?: string) {
  if (part <= 0 || whole <= 0) return [];
  return [{ label, share: part / whole, ...(color === undefined ? {} : { color }) }];
}

/** What its tool tells of it, in a line. */
function gpuText(gpu: GpuReading): string {
  const facts = [gpu.percent === null ? "use not measured" : `${Math.round(gpu.percent)} %`];
  if (gpu.memory_used_bytes !== null) {
    const whole = gpu.memory_total_bytes === null ? "" : ` of ${formatBytes(gpu.memory_total_bytes)}`;
    facts.push(`${formatBytes(gpu.memory_used_bytes)}${whole}`);
  }
  if (gpu.power_watts !== null) facts.push(`${Math.round(gpu.power_watts)} W`);
  if (gpu.celsius !== null) facts.push(`${Math.round(gpu.celsius)} °C`);
  return facts.join(" · ");
}

function swapText({ now: { swap } }: MachineState): string | null {
  if (swap === null) return null;
  return swap.total_bytes === 0
    ? "none"
    : `${formatBytes(swap.used_bytes)} of ${formatBytes(swap.total_bytes)}`;
}

function swapParts({ now: { swap } }: MachineState) {
  return swap === null ? [] : share("Swap", swap.used_bytes, swap.total_bytes);
}

function heatText({ now }: MachineState): string | null {
  if (now.cpu_celsius !== null) return `${Math.round(now.cpu_celsius)} °C`;
  if (now.thermal_state === null) return null;
  return now.thermal_state === "nominal" ? "not slowed down by heat" : "slowed down by heat";
}
