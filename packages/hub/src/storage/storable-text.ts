/** Neither NUL nor half a surrogate pair: PostgreSQL can store neither. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{FFFD}");
}
