export interface ChatTurn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** One row of the corpus: running text, or a conversation that is rendered as ChatML. */
export type CorpusDocument = { readonly text: string } | { readonly messages: readonly ChatTurn[] };

/** A conversation from alternating user and assistant turns, under an optional system message. */
export function conversation(turns: readonly string[], system?: string): CorpusDocument {
  const messages: ChatTurn[] = turns.map((content, position) => ({
    role: position % 2 === 0 ? "user" : "assistant",
    content,
  }));
  return { messages: system === undefined ? messages : [{ role: "system", content: system }, ...messages] };
}
