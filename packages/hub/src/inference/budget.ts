import { ResourceExhausted } from "./errors.ts";

/** Memory that is promised to somebody. */
export interface Claim {
  bytes: number;
  /** Can be given up now: loaded, without a request, not pinned. */
  idle: boolean;
  /** Clock reading of its last use; the smallest goes first. */
  lastUsed: number;
}

export interface Budget {
  totalBytes: number;
  /** Held by others, such as a training job. */
  otherBytes: number;
}

/**
 * Decides which idle claims must go so that `bytes` fit, the longest unused first; none when
 * there is room. Busy claims stay.
 *
 * Errors: ResourceExhausted with the numbers when it does not fit even so.
 */
export function makeRoom<T extends Claim>(
  what: string,
  bytes: number,
  claims: Iterable<T>,
  budget: Budget,
): T[] {
  const held = [...claims];
  let available = budget.totalBytes - budget.otherBytes;
  for (const claim of held) available -= claim.bytes;
  const evicted: T[] = [];
  const candidates = held.filter((claim) => claim.idle).toSorted((a, b) => a.lastUsed - b.lastUsed);
  for (const claim of candidates) {
    if (bytes <= available) break;
    available += claim.bytes;
    evicted.push(claim);
  }
  if (bytes > available) throw new ResourceExhausted(what, bytes, Math.max(0, available));
  return evicted;
}
