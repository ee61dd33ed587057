import type { Emitter } from "highlight.js";
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import cpp from "highlight.js/lib/languages/cpp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

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

const languages = {
  bash,
  cpp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  makefile,
  markdown,
  python,
  r,
  rust,
  sql,
  typescript,
  xml,
  yaml,
};
const highlighter = hljs.newInstance();
highlighter.configure({ __emitter: TokenList });
for (const [name, language] of Object.entries(languages)) highlighter.registerLanguage(name, language);

/** The coloured parts of a text, in order; none of a language that is not known. */
export function tokensOf(text: string, language: string): readonly Token[] {
  if (highlighter.getLanguage(language) === undefined) return [];
  const { _emitter: found } = highlighter.highlight(text, { language, ignoreIllegals: true });
  return found instanceof TokenList ? found.tokens : [];
}
