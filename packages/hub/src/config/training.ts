import { badValue, parseChoice, parseDuration, parseInteger } from "./values.ts";

/** How jobs are taken and watched over, as a person sets it. */
export interface TrainingSettings {
  /** Jobs that run at a time. */
  concurrency: number;
  /** Attempts after the first when a trainer or its hub dies. */
  retries: number;
  /** A trainer that neither speaks nor computes for this long is taken for lost. */
  heartbeatMs: number;
  /** A job whose hub gave no sign of life for this long is another hub's to take, where several share a database. */
  leaseMs: number;
  /** What a job does while people wait for answers. */
  yield: "off" | "slow" | "pause";
  /** Jobs wait between steps above this temperature; null: never. */
  cooldownAboveCelsius: number | null;
}

/** ms; a trainer gives a sign of life every second. */
const shortest = 3_000;

/** Reads what begins with `HEARTH_TRAINING`. Throws `configuration_invalid`. */
export function readTrainingSettings(get: (name: string) => string | undefined): TrainingSettings {
  const time = (name: string, otherwise: string): number => {
    const value = get(name) ?? otherwise;
    const milliseconds = parseDuration(name, value);
    if (milliseconds < shortest || !Number.isFinite(milliseconds))
      throw badValue(name, value, "at least 3 seconds, such as 60s or 5m");
    return milliseconds;
  };
  const cooldown = get("HEARTH_TRAINING_COOLDOWN") ?? "95";
  return {
    concurrency: parseInteger(
      "HEARTH_TRAINING_CONCURRENCY",
      get("HEARTH_TRAINING_CONCURRENCY") ?? "1",
      1,
      64,
    ),
    retries: parseInteger("HEARTH_TRAINING_RETRIES", get("HEARTH_TRAINING_RETRIES") ?? "2", 0, 1000),
    heartbeatMs: time("HEARTH_TRAINING_HEARTBEAT", "60s"),
    leaseMs: time("HEARTH_TRAINING_LEASE", "60s"),
    yield: parseChoice("HEARTH_TRAINING_YIELD", get("HEARTH_TRAINING_YIELD") ?? "slow", [
      "off",
      "slow",
      "pause",
    ]),
    cooldownAboveCelsius: cooldown === "off" ? null : parseCelsius("HEARTH_TRAINING_COOLDOWN", cooldown),
  };
}

function parseCelsius(variable: string, value: string): number {
  const celsius = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(celsius >= 40 && celsius <= 120))
    throw badValue(variable, value, "off, or a temperature from 40 to 120 °C");
  return celsius;
}
