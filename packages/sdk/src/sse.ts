export interface ServerSentEvent {
  event: string;
  data: string;
  id: string | null;
}

/** Parses `text/event-stream` as the HTML standard's section 9.2.6 says; comments are skipped. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let event = "";
  let data: string[] = [];
  let id: string | null = null;
  for await (const line of lines(body)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n"), id };
      event = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
  }
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A lone \r at the end of a chunk may be the first half of \r\n: wait for the next chunk.
      const held = !done && rest.endsWith("\r") ? "\r" : "";
      const parts = (held ? rest.slice(0, -1) : rest).split(/\r\n|\r|\n/);
      rest = (parts.pop() ?? "") + held;
      yield* parts;
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}
