import type { Segment } from "./chat-template.ts";

/*
 * A rendered conversation is a list of plain texts and control tokens. Positions in it count one for
 * each UTF-16 unit of text and one for each control token, so that two renderings can be compared and
 * cut without turning control tokens into text, which a message could forge.
 */

/** Number of positions of a rendering. */
export function positions(segments: readonly Segment[]): number {
  return segments.reduce((total, segment) => total + size(segment), 0);
}

/** The part from position `from` up to, not including, `to`. */
export function cut(segments: readonly Segment[], from: number, to: number): Segment[] {
  const part: Segment[] = [];
  let start = 0;
  for (const segment of segments) {
    const end = start + size(segment);
    if ("special" in segment) {
      if (start >= from && end <= to) part.push(segment);
    } else {
      const text = segment.text.slice(Math.max(0, from - start), Math.max(0, to - start));
      if (text !== "") part.push({ text });
    }
    start = end;
  }
  return part;
}

/** Whether `segments` begins with everything in `prefix`, however both are divided into texts. */
export function beginsWith(segments: readonly Segment[], prefix: readonly Segment[]): boolean {
  const length = positions(prefix);
  if (positions(segments) < length) return false;
  const own = merged(cut(segments, 0, length));
  const other = merged(prefix);
  return own.length === other.length && own.every((segment, index) => same(segment, other[index]));
}

/** Position after the last control token, or undefined when there is none. */
export function afterLastSpecial(segments: readonly Segment[]): number | undefined {
  let position = 0;
  let found: number | undefined;
  for (const segment of segments) {
    position += size(segment);
    if ("special" in segment) found = position;
  }
  return found;
}

function size(segment: Segment): number {
  return "special" in segment ? 1 : segment.text.length;
}

function merged(segments: readonly Segment[]): Segment[] {
  const result: Segment[] = [];
  for (const segment of segments) {
    const last = result.at(-1);
    if ("special" in segment) result.push(segment);
    else if (last !== undefined && "text" in last)
      result[result.length - 1] = { text: last.text + segment.text };
    else if (segment.text !== "") result.push(segment);
  }
  return result;
}

function same(one: Segment, other: Segment | undefined): boolean {
  if (other === undefined) return false;
  if ("special" in one) return "special" in other && one.special === other.special;
  return "text" in other && one.text === other.text;
}
