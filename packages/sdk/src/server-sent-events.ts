export interface ServerSentEvent {
  /** "message" when the stream does not name it. */
  event: string;
  data: string;
  /** Where the stream can be resumed, when the event says so. */
  id?: string;
}

/** A line this long is no event of ours. */
const maximumLine = 16 * 2 ** 20;

/**
 * Reads `text/event-stream`: LF, CRLF or CR line ends, split anywhere, also inside a
 * character; comments and retry times are passed over. An event that the end of the
 * stream cuts off is dropped, as the standard says.
 */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  let event = "message";
  let data: string[] = [];
  let id: string | undefined;
  for await (const line of readLines(body)) {
    if (line === "") {
      if (data.length > 0) yield { event, data: data.join("\n"), ...(id === undefined ? {} : { id }) };
      event = "message";
      data = [];
      id = undefined;
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data.push(value);
    if (field === "id") id = value;
  }
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      finished = done;
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A CR at the very end may be half of a CRLF: it waits for what follows.
      const ends = /\r\n|\n|\r(?!$)/g;
      let start = 0;
      for (const end of rest.matchAll(ends)) {
        yield rest.slice(start, end.index);
        start = end.index + end[0].length;
      }
      rest = rest.slice(start);
      if (rest.length > maximumLine)
        throw new Error(`a line of the event stream is longer than ${maximumLine} characters`);
      if (done) {
        if (rest.endsWith("\r")) yield rest.slice(0, -1);
        return;
      }
    }
  } finally {
    if (!finished) await reader.cancel();
  }
}
