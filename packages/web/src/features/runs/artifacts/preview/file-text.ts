/** The beginning of a file as text; null when it is none. */
export function textOf(bytes: Uint8Array): string | null {
  // No text has a NUL, and almost every other file has one early.
  if (bytes.subarray(0, 8192).includes(0)) return null;
  const text = new TextDecoder().decode(bytes);
  // A cut file may end in half of a sign.
  const broken = text.slice(0, 4096).split("\u{FFFD}").length - 1;
  return broken > 1 + Math.min(text.length, 4096) / 10 ? null : text;
}

/** A longer line is broken: one of a megabyte would freeze the page. */
const longestLine = 1_000;

/** A line as it is drawn; `number` is null of one that goes on from the line before. */
export interface TextLine {
  number: number | null;
  /** Of the text, where it begins and ends. */
  start: number;
  end: number;
}

/** Where the lines of a text are, long ones in pieces. A last line feed ends the last line and begins none. */
export function linesOf(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let start = 0;
  for (let number = 1; start < text.length; number++) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 ? text.length : feed;
    const last = text[end - 1] === "\r" && end > start ? end - 1 : end;
    for (let at = start; at < last || at === start; at += longestLine)
      lines.push({ number: at === start ? number : null, start: at, end: Math.min(last, at + longestLine) });
    start = end + 1;
  }
  return lines;
}
