const byteUnits = ["B", "kB", "MB", "GB", "TB"];

/** 1536 → `1.5 kB` (1 kB = 1,000 bytes) */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${byteUnits[unit] ?? ""}`;
}

/** 93,784 s → `26 h 3 min`; below a minute with the digits that matter */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 1234567 → `1,234,567` */
export function formatCount(value: number): string {
  return number.format(value);
}

/** A metric's value: four significant digits, exponents where they are shorter; null stands for NaN. */
export function formatMetric(value: number | null): string {
  if (value === null) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return formatCount(value);
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

/** `3 min ago`; `now` in ms since the epoch */
export function formatAge(instant: string | number, now: number = Date.now()): string {
  const seconds = (now - new Date(instant).getTime()) / 1000;
  // A clock that was set back makes things that are to come of things that were.
  if (seconds < 5) return "just now";
  if (seconds < 86_400) return `${formatSeconds(Math.floor(seconds))} ago`;
  return new Date(instant).toLocaleDateString("en-CA");
}
