/**
 * Reads a Retry-After header (RFC 9110, section 10.2.3): seconds or a date.
 * @returns milliseconds from `now`, null when it is missing or unreadable
 */
export function readRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
