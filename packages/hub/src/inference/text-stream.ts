/** What a push gave: text that is safe to show, and the stop string that ended the text, if one did. */
export interface StreamedText {
  text: string;
  stopped: string | null;
}

/**
 * Turns the bytes of tokens into text as it becomes final. Bytes of a character that is not
 * complete are held back, and so is text that may turn out to be the start of a stop string.
 * The text is cut before the stop string that is complete first; of several that are complete at
 * the same place the longest counts. How the bytes were split makes no difference to the text.
 *
 * Bytes that are no UTF-8 come out as U+FFFD, as the WHATWG Encoding Standard decodes them.
 */
export class TextStream {
  readonly #stops: readonly string[];
  // `ignoreBOM` keeps a leading U+FEFF, which is text like any other here.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #held = "";
  #stopped: string | null = null;

  /** `stops`: empty strings are left out. */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  push(bytes: Uint8Array): StreamedText {
    return this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** No more bytes come: gives what was held back. */
  end(): StreamedText {
    const last = this.#take(this.#decoder.decode());
    if (this.#stopped !== null) return last;
    const text = last.text + this.#held;
    this.#held = "";
    return { text, stopped: null };
  }

  #take(decoded: string): StreamedText {
    if (this.#stopped !== null) return { text: "", stopped: this.#stopped };
    const text = this.#held + decoded;
    const match = firstComplete(text, this.#stops);
    if (match !== null) {
      this.#stopped = match.stop;
      this.#held = "";
      return { text: text.slice(0, match.start), stopped: match.stop };
    }
    const final = text.length - openTail(text, this.#stops);
    this.#held = text.slice(final);
    return { text: text.slice(0, final), stopped: null };
  }
}

/** The stop string that ends first in `text`; of several that end there, the one that starts first. */
function firstComplete(text: string, stops: readonly string[]): { start: number; stop: string } | null {
  let best: { start: number; end: number; stop: string } | null = null;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start < 0) continue;
    const end = start + stop.length;
    if (best === null || end < best.end || (end === best.end && start < best.start))
      best = { start, end, stop };
  }
  return best;
}

/** Length of the longest end of `text` that is the beginning of a stop string. */
function openTail(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
