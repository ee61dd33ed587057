/**
 * Prompt tokens that one context takes in between two decoding steps. A decode call cannot be
 * interrupted, so this bounds how long a cancelled request goes on and how long the others wait;
 * 64 cost 5 % against one large call.
 */
export const prefillChunk = 64;

/** A prompt piece of one token would be computed by other code than one of several, with other last digits. */
export const smallestPiece = 2;

/** How many of `waiting` prompt tokens to take in now: at most `chunk`, never leaving a piece that is too small. */
export function pieceOf(waiting: number, chunk: number): number {
  if (waiting <= chunk) return waiting;
  return waiting - chunk < smallestPiece ? chunk - smallestPiece + (waiting - chunk) : chunk;
}
