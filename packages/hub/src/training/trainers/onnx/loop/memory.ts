import { HearthError } from "../../../../errors.ts";

/** Most memory that this process has had in use, in bytes. */
export function peakMemory(): number {
  // libuv gives kilobytes on every platform.
  return process.resourceUsage().maxRSS * 1024;
}

/**
 * Refuses to go on above the memory that the hub allows this job.
 * Errors: `resource_exhausted` with both figures in bytes.
 */
export function requireMemory(what: string, bytes: number, limit: number): void {
  if (bytes <= limit) return;
  const shown = (value: number) => `${Math.ceil(value / 2 ** 20)} MiB`;
  throw new HearthError(
    "resource_exhausted",
    `${what} takes ${shown(bytes)}; this job may use ${shown(limit)}. Use a smaller batch, shorter sequences or a smaller base, or raise the limit.`,
    { details: { bytes, limit } },
  );
}
