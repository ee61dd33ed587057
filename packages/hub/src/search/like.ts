import { refusal } from "./refusal.ts";

/** SQLite takes patterns of up to 50,000 bytes; GLOB writes one character as up to three. */
const maxPatternBytes = 16_000;

/** @throws HearthError `invalid_request` for a LIKE pattern that is too long */
export function checkedPattern(pattern: string): string {
  const bytes = Buffer.byteLength(pattern);
  if (bytes > maxPatternBytes) {
    throw refusal(`Invalid pattern: a LIKE pattern has at most ${maxPatternBytes} bytes, found ${bytes}.`);
  }
  // Several in a row say nothing more than one and cost time.
  return pattern.replace(/%{2,}/g, "%");
}

/**
 * A LIKE pattern as SQLite's GLOB reads it. SQLite's own LIKE takes letters of either case as the same;
 * GLOB does not, and it too counts characters and not bytes.
 */
export function toGlob(pattern: string): string {
  return pattern.replace(/[%_*?[]/g, (character) => {
    if (character === "%") return "*";
    if (character === "_") return "?";
    return `[${character}]`;
  });
}
