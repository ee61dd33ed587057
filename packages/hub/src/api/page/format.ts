/** 1536 → `1.5 KiB` */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ""}`;
}

/** 3725 → `1 h 2 min` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Numbers a person compares: three significant digits, whole numbers as they are. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return Number.isInteger(value) ? value.toLocaleString("en") : String(Number(value.toPrecision(3)));
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** The first digits of a checksum or id, enough to tell two apart by eye. */
export function short(id: string | null): string {
  return id === null ? "–" : id.slice(0, 10);
}

/** `2026-01-02T03:04:05.678Z` → `2026-01-02 03:04:05` */
export function moment(instant: string): string {
  return instant.slice(0, 19).replace("T", " ");
}
