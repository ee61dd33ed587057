/** Text that is sent as one answer; what is longer goes out piece by piece while the rest is read. */
const pieceSize = 256 * 1024;

/**
 * An answer `{"<name>":[…]}` whose list may be larger than memory: it is read as fast as the client takes it. `empty`
 * is the answer without items. What fails before the first piece is thrown; later the answer breaks off.
 */
export async function jsonStream<Item>(
  name: string,
  lists: AsyncIterable<readonly Item[]>,
  write: (item: Item) => string,
  signal: AbortSignal,
  empty = "{}",
): Promise<Response> {
  const pieces = texts(name, lists, write, signal);
  const headers = { "content-type": "application/json" };
  const first = await pieces.next();
  if (first.done === true) return new Response(empty, { headers });
  const second = await pieces.next();
  if (second.done === true) return new Response(first.value, { headers });
  const encoder = new TextEncoder();
  let waiting: string[] = [first.value, second.value];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (const text of waiting) controller.enqueue(encoder.encode(text));
      waiting = [];
      const next = await pieces.next();
      if (next.done === true) controller.close();
      else waiting.push(next.value);
    },
    async cancel() {
      await pieces.return();
    },
  });
  return new Response(body, { headers });
}

async function* texts<Item>(
  name: string,
  lists: AsyncIterable<readonly Item[]>,
  write: (item: Item) => string,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  let text = "";
  let empty = true;
  for await (const items of lists) {
    signal.throwIfAborted();
    for (const item of items) {
      text += empty ? `{${JSON.stringify(name)}:[` : ",";
      empty = false;
      text += write(item);
    }
    if (text.length >= pieceSize) {
      yield text;
      text = "";
    }
  }
  if (!empty) yield `${text}]}`;
}
