/** Texts of several items each, as lists of one: commas go between them as between items. */
export async function* asLists(texts: AsyncIterable<{ text: string }>): AsyncGenerator<[string], void, void> {
  for await (const { text } of texts) yield [text];
}
