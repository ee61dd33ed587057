/**
 * Edit distance in which a swap of neighbours counts once (optimal string alignment);
 * stops early and answers `limit + 1` when it is larger than `limit`.
 */
export function editDistance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  let smallestBefore = 0;
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(distance);
      smallest = Math.min(smallest, distance);
    }
    // A swap reaches over one row.
    if (smallest > limit && smallestBefore >= limit) return limit + 1;
    smallestBefore = smallest;
    beforeLast = last;
    last = current;
  }
  return Math.min(last[b.length] ?? 0, limit + 1);
}

/**
 * The names that somebody who wrote `wanted` may have meant, the closest first: at most a third
 * of the letters differ (upper and lower case do not count), or one begins with the other.
 */
export function closestNames(wanted: string, names: Iterable<string>, count = 3): string[] {
  // Longer than any name may be: the comparison costs length × length.
  const target = wanted.slice(0, 200).toLowerCase();
  if (target === "") return [];
  const limit = Math.max(1, Math.ceil(target.length / 3));
  const candidates: { name: string; distance: number }[] = [];
  for (const name of new Set(names)) {
    const lower = name.toLowerCase();
    const begins =
      Math.min(lower.length, target.length) >= 3 && (lower.startsWith(target) || target.startsWith(lower));
    const distance = editDistance(target, lower, limit);
    if (distance <= limit) candidates.push({ name, distance });
    else if (begins) candidates.push({ name, distance: limit + 1 });
  }
  candidates.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return candidates.slice(0, count).map((candidate) => candidate.name);
}
