import type { Emitter } from "highlight.js";
import common from "highlight.js/lib/common";
import dockerfile from "highlight.js/lib/languages/dockerfile";

/** A part of a text that has a colour, by the scopes of highlight.js (`keyword`, `string`, …). */
export interface Token {
  start: number;
  end: number;
  scope: string;
}

/** Keeps what highlight.js finds as places in the text: its HTML is never made. */
class TokenList implements Emitter {
  readonly tokens: Token[] = [];
  readonly #scopes: string[] = [];
  #length = 0;

  addText(text: string): void {
    const scope = this.#scopes.at(-1);
    const start = this.#length;
    this.#length += text.length;
    if (scope !== undefined && text !== "") this.tokens.push({ start, end: this.#length, scope });
  }

  startScope(name: string): void {
    // `title.function_` → `title`
    this.#scopes.push(name.split(".")[0] ?? name);
  }

  endScope(): void {
    this.#scopes.pop();
  }

  /** Modes that begin and end call it so. */
  openNode(name: string): void {
    this.startScope(name);
  }

  closeNode(): void {
    this.endScope();
  }

  __addSublanguage(emitter: Emitter): void {
    if (!(emitter instanceof TokenList)) return;
    for (const { start, end, scope } of emitter.tokens)
      this.tokens.push({ start: start + this.#length, end: end + this.#length, scope });
    this.#length += emitter.#length;
  }

  finalize(): void {
    this.#scopes.length = 0;
  }

  toHTML(): string {
    return "";
  }
}

common.configure({ __emitter: TokenList });
common.registerLanguage("dockerfile", dockerfile);

/** The coloured parts of a text, in order; none of a language that is not known. */
export function tokensOf(text: string, language: string): readonly Token[] {
  if (common.getLanguage(language) === undefined) return [];
  const { _emitter: found } = common.highlight(text, { language, ignoreIllegals: true });
  return found instanceof TokenList ? found.tokens : [];
}
