import { setImmediate as nextTurn } from "node:timers/promises";

/** Characters that are sent as one answer; what is longer goes out piece by piece while the rest is read. */
const pieceSize = 256 * 1024;

interface JsonList<Item> {
  /** Of the list in the answer; without items it is left out. */
  name: string;
  lists: AsyncIterable<readonly Item[]>;
  /** An item as JSON text. */
  write: (item: Item) => string;
  /** What else is in the answer, after the list. */
  rest?: Record<string, unknown>;
}

/**
 * An answer `{"<name>":[…],…}` whose list may be larger than memory: it is read as fast as the client takes it, and
 * others get their turn in between. What fails before the first piece is thrown; later the answer breaks off.
 */
export async function jsonStream<Item>(list: JsonList<Item>, signal: AbortSignal): Promise<Response> {
  const pieces = texts(list, signal);
  const headers = { "content-type": "application/json" };
  const first = await pieces.next();
  const second = await pieces.next();
  if (first.done === true || second.done === true)
    return new Response(first.done === true ? "{}" : first.value, { headers });
  const encoder = new TextEncoder();
  let waiting = [first.value, second.value];
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
  { name, lists, write, rest = {} }: JsonList<Item>,
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
      await nextTurn();
    }
  }
  const others = JSON.stringify(rest).slice(1);
  if (empty) yield `{${others}`;
  else yield `${text}]${others === "}" ? "" : ","}${others}`;
}
