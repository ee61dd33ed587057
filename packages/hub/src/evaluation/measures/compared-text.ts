/** The form in which answers are compared: blanks around them and case do not count. */
export function normalise(text: string): string {
  return text.normalize("NFC").trim().toLowerCase();
}

/** Blanks around them do not count. */
export function sameText(one: string, other: string): boolean {
  return one.normalize("NFC").trim() === other.normalize("NFC").trim();
}
