/** A source of a merge and its place in it. */
type Open<T> = Map<number, { iterator: AsyncIterator<T>; next: Promise<[number, IteratorResult<T>]> }>;

/**
 * What several sources give, each as soon as it comes; at most `together` are read at a time, the
 * others begin as those end. The first failure of one is the failure of all. Leaving early, or a
 * failure, calls `stop` and then ends every source that has begun.
 */
export async function* merge<T>(
  sources: readonly (() => AsyncIterable<T>)[],
  together: number,
  stop: () => void,
): AsyncGenerator<T, void, void> {
  const open: Open<T> = new Map();
  let begun = 0;
  const read = (index: number, iterator: AsyncIterator<T>): void => {
    const next = iterator.next().then((result): [number, IteratorResult<T>] => [index, result]);
    // A failure of one that nobody waits for any more has been told by another.
    next.catch(() => undefined);
    open.set(index, { iterator, next });
  };
  const fill = (): void => {
    for (let source = sources[begun]; open.size < together && source !== undefined; source = sources[begun]) {
      read(begun, source()[Symbol.asyncIterator]());
      begun += 1;
    }
  };
  try {
    fill();
    while (open.size > 0) {
      const [index, result] = await Promise.race([...open.values()].map(({ next }) => next));
      const source = open.get(index);
      if (source === undefined) continue;
      if (result.done === true) {
        open.delete(index);
        fill();
        continue;
      }
      read(index, source.iterator);
      yield result.value;
    }
  } finally {
    if (open.size > 0) {
      stop();
      await Promise.allSettled([...open.values()].map(async ({ iterator }) => await iterator.return?.()));
    }
  }
}
