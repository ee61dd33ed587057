export interface MemoryReading {
  availableBytes: number | null;
  swap: { total_bytes: number; used_bytes: number } | null;
}

/** /proc/meminfo (proc_meminfo(5)); its kB are units of 1,024 bytes. */
export function parseMeminfo(text: string): MemoryReading {
  const bytes = (field: string): number | null => {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text);
    return match === null ? null : Number(match[1]) * 1024;
  };
  const swapTotal = bytes("SwapTotal");
  const swapFree = bytes("SwapFree");
  return {
    availableBytes: bytes("MemAvailable"),
    swap:
      swapTotal === null || swapFree === null
        ? null
        : { total_bytes: swapTotal, used_bytes: swapTotal - swapFree },
  };
}

/**
 * Memory that macOS could give, by `vm_stat`: all but what Activity Monitor calls used, which is programs' own pages
 * that cannot be purged, wired and compressed ones.
 */
export function parseVmStat(text: string, totalBytes: number): number | null {
  const pageSize = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? Number.NaN);
  const pages = (field: string): number =>
    Number(new RegExp(`^"?${field}"?:\\s+(\\d+)\\.`, "m").exec(text)?.[1] ?? Number.NaN);
  const used =
    pageSize *
    (pages("Anonymous pages") -
      pages("Pages purgeable") +
      pages("Pages wired down") +
      pages("Pages occupied by compressor"));
  return Number.isFinite(used) ? Math.max(0, Math.round(totalBytes - used)) : null;
}

/** `sysctl -n vm.swapusage` of macOS; its M are units of 2^20 bytes. */
export function parseSwapUsage(text: string): MemoryReading["swap"] {
  const bytes = (field: string): number =>
    Math.round(Number(new RegExp(`${field} = ([\\d.]+)M`).exec(text)?.[1] ?? Number.NaN) * 2 ** 20);
  const total_bytes = bytes("total");
  const used_bytes = bytes("used");
  return Number.isFinite(total_bytes) && Number.isFinite(used_bytes) ? { total_bytes, used_bytes } : null;
}
