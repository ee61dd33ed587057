import type { Form } from "./shape.ts";

/** About as many states as take 10 MB. */
const mostStates = 20_000;

/**
 * Forms of texts that were built lately: an e-mail address takes tens of milliseconds, and the same few formats and
 * patterns come with request after request.
 */
class KeptForms {
  readonly #forms = new Map<string, Form | null>();
  #states = 0;

  get(key: string): Form | null | undefined {
    const form = this.#forms.get(key);
    if (form === undefined) return undefined;
    this.#forms.delete(key);
    this.#forms.set(key, form);
    return form;
  }

  keep(key: string, form: Form | null): void {
    if (this.#forms.has(key)) return;
    this.#forms.set(key, form);
    this.#states += statesOf(key, form);
    for (const [oldest, forgotten] of this.#forms) {
      if (this.#states <= mostStates) break;
      this.#forms.delete(oldest);
      this.#states -= statesOf(oldest, forgotten);
    }
  }
}

/** A long key takes memory too. */
function statesOf(key: string, form: Form | null): number {
  return Math.ceil(key.length / 100) + (form?.kind === "pattern" ? form.automaton.length : 1);
}

export const keptForms = new KeptForms();
