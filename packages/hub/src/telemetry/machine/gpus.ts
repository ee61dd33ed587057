import type { GpuReading } from "@hearth/wire/hub/machine";

const mebibyte = 2 ** 20;

/** What nvidia-smi is asked for; the columns of {@link parseNvidiaTable}. */
export const nvidiaArguments = [
  "--query-gpu=name,utilization.gpu,memory.used,memory.total,power.draw,enforced.power.limit,temperature.gpu",
  "--format=csv,noheader,nounits",
];

/** nvidia-smi's table, a GPU a line. `[N/A]`, `[Not Supported]` and the like are null. */
export function parseNvidiaTable(table: string): GpuReading[] {
  return table.split("\n").flatMap((line) => {
    const cells = line.split(",").map((cell) => cell.trim());
    if (cells.length !== 7) return [];
    const [name = "", percent, used, total, watts, limit, celsius] = cells;
    return [
      {
        name,
        percent: numberIn(percent),
        memory_used_bytes: bytesIn(used),
        memory_total_bytes: bytesIn(total),
        power_watts: numberIn(watts),
        power_limit_watts: numberIn(limit),
        celsius: numberIn(celsius),
      },
    ];
  });
}

/** Graphics processors of Apple's chips by `ioreg -r -d 1 -w 0 -c IOAccelerator`; they share the machine's memory. */
export function parseAccelerators(text: string): GpuReading[] {
  return text.split(/^\+-o /m).flatMap((entry) => {
    const statistics = /"PerformanceStatistics" = \{(.*)\}/.exec(entry)?.[1];
    if (statistics === undefined) return [];
    const value = (field: string): number | null =>
      numberIn(new RegExp(`"${field}"=(\\d+)`).exec(statistics)?.[1]);
    return [
      {
        name: /"model" = "([^"]+)"/.exec(entry)?.[1] ?? "GPU",
        percent: value("Device Utilization %"),
        memory_used_bytes: value("In use system memory"),
        memory_total_bytes: null,
        power_watts: null,
        power_limit_watts: null,
        celsius: null,
      },
    ];
  });
}

function numberIn(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function bytesIn(text: string | undefined): number | null {
  const mebibytes = numberIn(text);
  return mebibytes === null ? null : Math.round(mebibytes * mebibyte);
}
