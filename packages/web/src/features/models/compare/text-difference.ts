/** Beyond this many words the marks would cost more than they tell. */
const mostWords = 1500;

export interface TextPart {
  text: string;
  /** Not in the other text at this place. */
  marked: boolean;
}

/**
 * A text in parts, those marked that another text does not have at their place: what is left of it beside the
 * longest common run of words of both. Very long texts are left unmarked.
 */
export function markedParts(text: string, other: string): TextPart[] {
  const words = wordsOf(text);
  const others = wordsOf(other);
  if (words.length > mostWords || others.length > mostWords) return [{ text, marked: false }];
  const common = commonWords(words, others);
  const parts: TextPart[] = [];
  for (const [index, word] of words.entries()) {
    const marked = !common.has(index);
    const last = parts.at(-1);
    if (last?.marked === marked) last.text += word;
    else parts.push({ text: word, marked });
  }
  return parts;
}

/** Words with the blanks that follow them: joined, they are the text. */
function wordsOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}

/** Places of the words of the longest common subsequence, in the first list. */
function commonWords(words: readonly string[], others: readonly string[]): Set<number> {
  const width = others.length + 1;
  const lengths = new Uint16Array((words.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  const same = (row: number, column: number) => words[row]?.trim() === others[column]?.trim();
  for (let row = words.length - 1; row >= 0; row--)
    for (let column = others.length - 1; column >= 0; column--)
      lengths[row * width + column] = same(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
  const common = new Set<number>();
  let column = 0;
  for (let row = 0; row < words.length && column < others.length;) {
    if (same(row, column)) {
      common.add(row++);
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return common;
}

/** The form in which evaluations compare answers. */
export function asExpected(answer: string, expected: string): boolean {
  return normalise(answer) === normalise(expected);
}

function normalise(text: string): string {
  return text.normalize("NFC").trim().toLowerCase();
}
