import { once } from "node:events";
import { Agent, request, type IncomingMessage, type RequestOptions } from "node:http";

/** What one turn was like, seen from its client, in ms. */
export interface SeenTurn {
  firstByte: number;
  /** To the last event, with which it is over for whoever reads. */
  done: number;
  /** To the end of the connection's answer: by then the database has it. */
  closed: number;
  /** From the writing of each piece that says when it was written to its arrival here. */
  ways: number[];
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity, noDelay: true });

/** Asks for one answer and reads it to its end. */
export async function takeTurn(place: RequestOptions, body: object): Promise<SeenTurn> {
  const text = JSON.stringify(body);
  const begun = performance.now();
  const asking = request({
    ...place,
    agent,
    method: "POST",
    path: "/api/chat",
    headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
  });
  asking.end(text);
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  let firstByte = 0;
  let done = 0;
  let stream = "";
  const ways: number[] = [];
  answer.setEncoding("utf8").on("data", (chunk: string) => {
    const now = performance.now();
    if (stream === "") firstByte = now - begun;
    stream += chunk;
    if (chunk.includes("[DONE]")) done = now - begun;
    for (const [, at] of chunk.matchAll(/@([\d.]+)@/g)) ways.push(now - Number(at));
  });
  await once(answer, "end");
  const closed = performance.now() - begun;
  if (answer.statusCode !== 200 || stream.includes('"type":"error"') || !stream.includes("[DONE]"))
    throw new Error(`a turn failed (${answer.statusCode}): ${stream.slice(0, 500)}`);
  return { firstByte, done, closed, ways };
}

/** The value below which this part of a list lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
