const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of a token's bytes; U+FFFD for what is half a character. */
export function lossyText(bytes: readonly number[]): string {
  return lossy.decode(Uint8Array.from(bytes));
}

/** The text of a token's bytes, or what OpenAI's older endpoint shows where they are none: `bytes:\xe2\x80`. */
export function shownText(bytes: readonly number[]): string {
  try {
    return strict.decode(Uint8Array.from(bytes));
  } catch {
    return `bytes:${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}`;
  }
}

/** What OpenAI writes for a token that could not have come: JSON has no −∞. */
const impossible = -9999;

export function finiteLogprob(logprob: number): number {
  return logprob > impossible ? logprob : impossible;
}
