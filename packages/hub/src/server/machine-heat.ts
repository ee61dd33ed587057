import type { MachineReading } from "@hearth/wire/hub/machine";

/** The hottest part of the machine, what its graphics processors draw, and whether it is slowed down for its heat. */
export function heatOf({ cpu_celsius, gpus, thermal_state }: MachineReading): {
  celsius: number | null;
  watts: number | null;
  throttled: boolean;
} {
  const celsius = [cpu_celsius, ...(gpus ?? []).map((gpu) => gpu.celsius)].filter((each) => each !== null);
  const watts = (gpus ?? []).map((gpu) => gpu.power_watts).filter((each) => each !== null);
  return {
    celsius: celsius.length === 0 ? null : Math.max(...celsius),
    watts: watts.length === 0 ? null : watts.reduce((sum, each) => sum + each, 0),
    throttled: thermal_state === "throttled",
  };
}
