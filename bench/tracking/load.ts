import { Connection } from "./connection.ts";
import { refused, type Peer } from "./peer.ts";

export interface Asked {
  method?: "GET" | "POST";
  path: string;
  body?: string;
}

export interface LoadResult {
  /** Answers a second. */
  rate: number;
  /** Milliseconds of every request, in no order. */
  latencies: number[];
}

/**
 * Keeps `connections` requests in flight until `seconds` have passed; every answer must be 200.
 *
 * @throws Error with the server's words at the first refusal.
 */
export async function load(
  peer: Pick<Peer, "url" | "name">,
  connections: number,
  seconds: number,
  next: () => Asked,
): Promise<LoadResult> {
  const latencies: number[] = [];
  const begin = performance.now();
  const until = begin + seconds * 1000;
  let end = begin;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      using connection = new Connection(peer.url);
      do {
        const { method = "POST", path, body } = next();
        const sent = performance.now();
        const answer = await connection.ask(method, path, body);
        end = performance.now();
        if (answer.status !== 200) throw refused(peer.name, path, answer);
        latencies.push(end - sent);
      } while (end < until);
    }),
  );
  return { rate: latencies.length / ((end - begin) / 1000), latencies };
}

/** Sends `count` requests over `connections`; `answered` gets each body. */
export async function sendAll(
  peer: Pick<Peer, "url" | "name">,
  connections: number,
  count: number,
  request: (index: number) => Asked,
  answered: (body: Buffer, index: number) => void = () => {},
): Promise<void> {
  let sent = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      using connection = new Connection(peer.url);
      while (sent < count) {
        const index = sent;
        sent += 1;
        const { method = "POST", path, body } = request(index);
        const answer = await connection.ask(method, path, body);
        if (answer.status !== 200) throw refused(peer.name, path, answer);
        answered(answer.body, index);
      }
    }),
  );
}

/** Milliseconds that one request took, and its answer. */
export async function time(
  connection: Connection,
  peer: Pick<Peer, "name">,
  { method = "POST", path, body }: Asked,
): Promise<{ ms: number; body: Buffer }> {
  const sent = performance.now();
  const answer = await connection.ask(method, path, body);
  const ms = performance.now() - sent;
  if (answer.status !== 200) throw refused(peer.name, path, answer);
  return { ms, body: answer.body };
}

/** The value that 99 of 100 do not exceed. */
export function percentile99(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.99) - 1)];
  if (value === undefined) throw new RangeError("percentile of no values");
  return value;
}
