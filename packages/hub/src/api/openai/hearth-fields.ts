import type { Addressed, AnswerRequest } from "../services.ts";
import { isGiven } from "./refuse.ts";

interface HearthFields {
  model: string;
  adapter?: string | null | undefined;
  truncate?: boolean | null | undefined;
  keep_alive?: number | string | null | undefined;
}

/** Who is asked, by OpenAI's `model` and Hearth's own fields. */
export function addressed(
  { model, adapter, keep_alive: keepAlive }: HearthFields,
  endpoint: string,
  receivedAt: number,
): Addressed {
  return {
    model,
    endpoint,
    receivedAt,
    ...(isGiven(adapter) ? { adapter } : {}),
    ...(isGiven(keepAlive) ? { keepAliveMs: keepAliveMs(keepAlive) } : {}),
  };
}

export function truncation({ truncate }: HearthFields): Pick<AnswerRequest, "truncate"> {
  return truncate === true ? { truncate } : {};
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Seconds, or a number with its unit; below 0 means for ever. */
function keepAliveMs(value: number | string): number {
  const [, amount = "0", unit = "s"] = /^(-?[\d.]+)(ms|s|m|h)?$/.exec(String(value)) ?? [];
  const milliseconds = Number(amount) * (units[unit] ?? 1000);
  return milliseconds < 0 ? Infinity : milliseconds;
}
