/** English articles say nothing; SQuAD leaves them out. */
const articles = new Set(["a", "an", "the"]);

/**
 * F1 of the words that an answer and the expected one share, from 0 to 1, as SQuAD's evaluation script 1.1 counts:
 * in lower case, without punctuation and articles, words as often as they occur in both. Two texts without any word
 * agree. Letters and digits of every script are words' parts; SQuAD's own punctuation is ASCII's alone.
 */
export function tokenF1(expected: string, answer: string): number {
  const wanted = words(expected);
  const given = words(answer);
  if (wanted.length === 0 || given.length === 0) return wanted.length === given.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of given) {
    const times = left.get(word) ?? 0;
    if (times === 0) continue;
    left.set(word, times - 1);
    shared += 1;
  }
  return (2 * shared) / (wanted.length + given.length);
}

function words(text: string): string[] {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replaceAll(/[\p{P}\p{S}]/gu, "")
    .split(/\s+/u)
    .filter((word) => word !== "" && !articles.has(word));
}
