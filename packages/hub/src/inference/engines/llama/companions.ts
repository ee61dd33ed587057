import type { ContextTraits } from "./context-traits.ts";

/**
 * Places that should be decoded along with those that generate. llama.cpp takes only neighbouring
 * sequences, in their order, into one pass over the weights: a gap of one place is filled, because
 * its column costs less than a second pass.
 */
export function companionsOf(
  generating: readonly number[],
  places: number,
  traits: Pick<ContextTraits, "exactInPairs" | "wideIsCheap">,
): number[] {
  const taking = new Set(generating);
  const inOrder = generating.toSorted((a, b) => a - b);
  const widest = traits.wideIsCheap ? places : 1;
  for (const [index, place] of inOrder.entries()) {
    const next = inOrder[index + 1] ?? place;
    if (next - place - 1 > widest) continue;
    for (let between = place + 1; between < next; between++) taking.add(between);
  }
  if (traits.exactInPairs) {
    for (const place of inOrder) {
      if (taking.has(place - 1) || taking.has(place + 1)) continue;
      // With a single place there is no neighbour, ever, and so nothing that could differ.
      if (place + 1 < places) taking.add(place + 1);
      else if (place > 0) taking.add(place - 1);
    }
  }
  return [...taking].filter((place) => !generating.includes(place));
}
