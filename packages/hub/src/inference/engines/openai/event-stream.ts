/** One event of a stream: what its `event:` field said (or ""), and its data lines joined. */
export interface StreamedEvent {
  event: string;
  data: string;
}

/** An event larger than this is no part of an answer. */
const maxEventCharacters = 4 * 2 ** 20;

/** The stream breaks the limits that every stream has to keep. */
export class StreamTooLarge extends Error {}

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6) from bytes as they come; where they were
 * split makes no difference. Lines end with LF, CR or CRLF; comments and unknown fields are skipped.
 * llama-server's older `error: {…}` lines come out as an event named `error`.
 */
export class EventStreamReader {
  // `ignoreBOM` is left false: a leading U+FEFF is not part of the first field's name.
  readonly #decoder = new TextDecoder("utf-8");
  /** Pieces of the line that is not complete yet. */
  #line: string[] = [];
  #lineLength = 0;
  #afterCarriageReturn = false;
  #event = "";
  #data: string[] = [];
  #dataLength = 0;

  /** Errors: StreamTooLarge. */
  push(bytes: Uint8Array): StreamedEvent[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** No more bytes come. An event without its empty line counts: some servers end that way. */
  end(): StreamedEvent[] {
    return [...this.#take(this.#decoder.decode()), ...this.#endLine(), ...this.#dispatch()];
  }

  #take(decoded: string): StreamedEvent[] {
    let text = decoded;
    if (text !== "" && this.#afterCarriageReturn && text.startsWith("\n")) text = text.slice(1);
    if (decoded !== "") this.#afterCarriageReturn = decoded.endsWith("\r");
    const lines = text.split(/\r\n|\n|\r/);
    const last = lines.pop() ?? "";
    const events = lines.flatMap((line) => {
      this.#hold(line);
      return this.#endLine();
    });
    this.#hold(last);
    return events;
  }

  #hold(piece: string): void {
    if (piece === "") return;
    this.#lineLength += piece.length;
    if (this.#lineLength > maxEventCharacters)
      throw new StreamTooLarge(`a line is longer than ${maxEventCharacters} characters`);
    this.#line.push(piece);
  }

  #endLine(): StreamedEvent[] {
    const line = this.#line.join("");
    this.#line = [];
    this.#lineLength = 0;
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    else if (field === "data" || field === "error") {
      if (field === "error") this.#event = "error";
      this.#dataLength += value.length + 1;
      if (this.#dataLength > maxEventCharacters)
        throw new StreamTooLarge(`an event is longer than ${maxEventCharacters} characters`);
      this.#data.push(value);
    }
    return [];
  }

  #dispatch(): StreamedEvent[] {
    const event = this.#event;
    const data = this.#data;
    this.#event = "";
    this.#data = [];
    this.#dataLength = 0;
    return data.length === 0 ? [] : [{ event, data: data.join("\n") }];
  }
}
