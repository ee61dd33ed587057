import { HearthError } from "../errors.ts";

/** As much of what was sent as an error repeats. */
const shownLength = 120;

/** A text as an error shows it: cut, and with control characters made visible. */
export function shown(text: string): string {
  const cut = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  // oxlint-disable-next-line no-control-regex
  return cut.toWellFormed().replace(/[\u0000-\u001f\u007f]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** What a caller asked for cannot be searched. */
export function refusal(message: string, details: Record<string, unknown> = {}): HearthError {
  return new HearthError("invalid_request", message, { details });
}
