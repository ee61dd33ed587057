/** About so many characters are drawn as one piece: parsing takes a few frames, and no longer. */
const partSize = 20_000;

const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/** A long Markdown text in parts that are drawn one by one, at most `most` of them. A fence that is cut goes on in the next part. */
export function markdownParts(text: string, most = Infinity): string[] {
  const parts: string[] = [];
  let opened: { mark: string; line: string } | null = null;
  let from = 0;
  while (from < text.length && parts.length < most) {
    const to = endOfPart(text, from);
    const piece = text.slice(from, to);
    const before: string = opened === null ? "" : `${opened.line}\n`;
    for (const line of piece.split("\n")) {
      const [, mark, info] = fence.exec(line) ?? [];
      if (mark === undefined || info === undefined) continue;
      if (opened === null) opened = mark.startsWith("`") && info.includes("`") ? null : { mark, line };
      else if (mark.startsWith(opened.mark) && info.trim() === "") opened = null;
    }
    const end = to < text.length && opened !== null ? `\n${opened.mark}` : "";
    parts.push(before + piece + end);
    from = to;
  }
  return parts;
}

/** A long text in parts, cut where lines end if they do. */
export function textParts(text: string, most = Infinity): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length && parts.length < most;) {
    const to = endOfPart(text, from);
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}

/** After a paragraph, otherwise after a line, otherwise after a word; in the middle of what has none of them. */
function endOfPart(text: string, from: number): number {
  const limit = from + partSize;
  if (limit >= text.length) return text.length;
  for (const end of ["\n\n", "\n", " "]) {
    const at = text.lastIndexOf(end, limit - end.length);
    if (at >= from + partSize / 2) return at + end.length;
  }
  const code = text.charCodeAt(limit - 1);
  // Not between the two halves of a character.
  return code >= 0xd8_00 && code <= 0xdb_ff ? limit - 1 : limit;
}
