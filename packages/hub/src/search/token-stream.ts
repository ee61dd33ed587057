import type { Name } from "./syntax.ts";
import { tokenise, type Token, type TokenKind } from "./lexer.ts";
import { refusal, shown } from "./refusal.ts";

/** The tokens of one text, taken one after another, and what filters and orders have in common: names. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #position = 0;

  constructor(text: string, what: string) {
    const tokens = tokenise(text, what);
    const end = tokens.pop();
    if (end === undefined) throw new Error("unreachable: the last token is the end");
    this.#tokens = tokens;
    this.#end = end;
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#position + ahead] ?? this.#end;
  }

  take(): Token {
    const token = this.peek();
    this.#position += 1;
    return token;
  }

  takeIf(kind: TokenKind): Token | undefined {
    return this.peek().kind === kind ? this.take() : undefined;
  }

  /** Whether the next tokens are these words, in any case; takes them when they are. */
  takeWords(...words: string[]): boolean {
    const all = words.every((word, index) => {
      const token = this.peek(index);
      return token.kind === "word" && token.text.toUpperCase() === word;
    });
    if (all) this.#position += words.length;
    return all;
  }

  /**
   * name = part { "." part }; part = word | quoted. The first part is the prefix when there are several, and only
   * after it single quotes are those of a name.
   */
  takeName(mistake: string): Name {
    const parts = [this.#takePart(mistake)];
    while (this.takeIf("dot") !== undefined) {
      parts.push(this.takeIf("single")?.text ?? this.#takePart(mistake));
    }
    const [first = "", ...rest] = parts;
    return rest.length === 0 ? { prefix: null, key: first } : { prefix: first, key: rest.join(".") };
  }

  #takePart(mistake: string): string {
    const token = this.take();
    if (token.kind === "word" || token.kind === "backtick" || token.kind === "double") return token.text;
    throw unexpected(mistake, token, "the name of a field");
  }
}

/** Refuses a token: `mistake` are the words that MLflow's users know, `expected` is what could stand there. */
export function unexpected(mistake: string, token: Token, expected: string) {
  const found = token.kind === "end" ? "its end" : `'${shown(token.source)}'`;
  return refusal(`${mistake}: at position ${token.start + 1} there is ${found}, expected ${expected}.`, {
    position: token.start + 1,
  });
}
