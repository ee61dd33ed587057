import { once } from "node:events";
import { request as httpRequest, Agent, type ClientRequest, type IncomingMessage } from "node:http";

/** What one streamed answer was like, seen from its client. Times are `performance.now()`. */
export interface Seen {
  status: number;
  firstAt: number | null;
  /** When each piece of text came. */
  pieces: number[];
  retryAfter: string | null;
  /** The whole answer when it was a refusal. */
  body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity, noDelay: true });

/** Asks `/v1/completions` for a streamed answer; `sent` gets the request, so that it can be broken off. */
export async function readStream(
  url: URL,
  body: object,
  sent: (request: ClientRequest) => void = () => {},
): Promise<Seen> {
  const text = JSON.stringify({ ...body, stream: true });
  const asking = httpRequest(new URL("/v1/completions", url), {
    method: "POST",
    agent,
    headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
  });
  asking.end(text);
  sent(asking);
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  const seen: Seen = {
    status: response.statusCode ?? 0,
    firstAt: null,
    pieces: [],
    retryAfter: response.headers["retry-after"] ?? null,
    body: "",
  };
  response.setEncoding("latin1");
  for await (const chunk of response as AsyncIterable<string>) {
    if (seen.status !== 200) {
      seen.body += chunk;
      continue;
    }
    const now = performance.now();
    // Several events can come in one piece of the stream.
    const events = chunk.split('"text":"').length - 1;
    for (let count = 0; count < events; count += 1) seen.pieces.push(now);
    if (events > 0) seen.firstAt ??= now;
    if (chunk.includes('"error":')) throw new Error(`the stream ended with an error: ${chunk}`);
  }
  return seen;
}
