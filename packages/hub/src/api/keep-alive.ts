import type { KeepAlive } from "@hearth/wire/hub/serving";

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A request's `keep_alive` in ms; Infinity where it says for ever, undefined where it says nothing. */
export function keepAliveMs(value: KeepAlive | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  const ms = typeof value === "number" ? value * 1000 : durationMs(value);
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}

/** Of `90`, `5m`, `1h30m`, `-1`; a plain number is in seconds. */
function durationMs(text: string): number {
  if (/^-?[\d.]+$/.test(text)) return Number(text) * 1000;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g))
    total += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  return text.startsWith("-") ? -total : total;
}
