/** What decides which slot a request gets. */
export interface SlotOutlook {
  /** Tokens of the slot that the prompt begins with and that can be used again. */
  kept: number;
  /** Prompt tokens that it holds. */
  held: number;
  /** How many of its neighbours are in use. */
  beside: number;
  lastUsed: number;
}

/** Up to here the end of what a slot holds may be lost: the mark of an answer that was not one, a space. */
export const smallLoss = 32;

/**
 * The best of the free slots, as its index; -1 when there is none. A slot whose tokens go on in the
 * prompt is used in place. Else nobody's tokens should be lost for what could be copied: an empty
 * slot, of several one beside those in use, because neighbours are decoded together; and last the
 * one unused for longest.
 */
export function chooseSlot(free: readonly SlotOutlook[]): number {
  const ranked = free.map((slot, index) => ({ ...slot, index, goesOn: goesOn(slot) }));
  ranked.sort(
    (a, b) =>
      b.goesOn - a.goesOn ||
      Number(b.held === 0) - Number(a.held === 0) ||
      b.beside - a.beside ||
      a.lastUsed - b.lastUsed,
  );
  return ranked[0]?.index ?? -1;
}

/** Tokens that are used again in place; 0 where more than a little would be lost. */
function goesOn({ kept, held }: SlotOutlook): number {
  return held - kept <= smallLoss ? kept : 0;
}
