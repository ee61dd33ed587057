const firstMs = 500;
const longestMs = 30_000;

/** How long to wait before the next start after so many failures in a row: doubled each time, at most 30 s, ±20 %. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const plain = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16));
  // Several that failed for one reason do not all come back in one moment.
  return Math.round(plain * (0.8 + 0.4 * random()));
}
