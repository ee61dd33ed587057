import type { Node } from "../platform/node.ts";
import type { Reader } from "./record.ts";

const fields = [
  "index",
  "memory.used",
  "memory.total",
  "utilization.gpu",
  "power.draw",
  "enforced.power.limit",
];
const timeoutMs = 5000;
/** nvidia-smi counts MiB, MLflow megabytes. */
const megabytesOfMiB = 1.048576;

/** NVIDIA's GPUs through nvidia-smi; where it is missing it is asked for once and never again. */
export function gpuReader({ childProcess }: Node): Reader {
  let missing = false;
  return () =>
    new Promise((resolve) => {
      if (missing) return resolve({});
      const args = [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"];
      childProcess.execFile("nvidia-smi", args, { timeout: timeoutMs }, (error, stdout) => {
        missing = error !== null;
        resolve(error === null ? readGpus(stdout) : {});
      });
    });
}

/** Reads nvidia-smi's lines; what a GPU does not report ("[N/A]") is left out. */
export function readGpus(csv: string): Record<string, number> {
  const readings: Record<string, number> = {};
  for (const line of csv.split("\n")) {
    const [index, used, total, busy, power, powerLimit] = line
      .split(",")
      .map((cell) => Number.parseFloat(cell));
    if (index === undefined || !Number.isInteger(index)) continue;
    const gpu = {
      memory_usage_megabytes: (used ?? NaN) * megabytesOfMiB,
      memory_usage_percentage: ((used ?? NaN) / (total ?? NaN)) * 100,
      utilization_percentage: busy ?? NaN,
      power_usage_watts: power ?? NaN,
      power_usage_percentage: ((power ?? NaN) / (powerLimit ?? NaN)) * 100,
    };
    for (const [name, value] of Object.entries(gpu)) {
      if (Number.isFinite(value)) readings[`gpu_${index}_${name}`] = value;
    }
  }
  return readings;
}
