/** One server-sent event; `data` is written as JSON unless it is a string. */
export interface ServerSentEvent {
  event?: string;
  id?: string;
  data: unknown;
}

const keepAliveMs = 15_000;
const encoder = new TextEncoder();

/**
 * Streams events as they come: one event, one chunk, nothing held back. A comment goes out
 * when nothing else did for 15 s, so that proxies keep the connection. When the client goes
 * away the iteration is ended (its `return`), which must stop the work behind it.
 */
export function eventStream(
  events: AsyncIterable<ServerSentEvent>,
  headers: Record<string, string> = {},
): Response {
  const iterator = events[Symbol.asyncIterator]();
  let keepAlive: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      keepAlive = setInterval(() => controller.enqueue(encoder.encode(": still here\n\n")), keepAliveMs);
      keepAlive.unref();
    },
    async pull(controller) {
      try {
        const next = await iterator.next();
        if (next.done === true) {
          clearInterval(keepAlive);
          controller.close();
          return;
        }
        keepAlive?.refresh();
        controller.enqueue(encoder.encode(eventText(next.value)));
      } catch (error) {
        clearInterval(keepAlive);
        controller.error(error);
      }
    },
    async cancel() {
      clearInterval(keepAlive);
      await iterator.return?.();
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      // Said in so many words, the adapter writes each chunk as it comes.
      "transfer-encoding": "chunked",
      ...headers,
    },
  });
}

/** The wire form of one event. JSON has no raw line breaks, and a string's become several data lines. */
export function eventText({ event, id, data }: ServerSentEvent): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  const lines = text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${event === undefined ? "" : `event: ${event}\n`}${id === undefined ? "" : `id: ${id}\n`}${lines.join("")}\n`;
}
