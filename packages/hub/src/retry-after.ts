/** What a server says may be anything; nobody waits longer for it. */
const longestSeconds = 3600;

/**
 * Reads a Retry-After header (RFC 9110, section 10.2.3): seconds or a date.
 *
 * @returns whole seconds from `now`, 1 to 3,600; null when it is missing or unreadable
 */
export function retryAfter(value: string | null, now = Date.now()): number | null {
  if (value === null) return null;
  const seconds = /^\d{1,9}$/.test(value.trim()) ? Number(value) : (Date.parse(value) - now) / 1000;
  if (!Number.isFinite(seconds)) return null;
  return Math.min(longestSeconds, Math.max(1, Math.ceil(seconds)));
}
