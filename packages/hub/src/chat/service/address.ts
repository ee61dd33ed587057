import { Agent, request, type IncomingMessage, type RequestOptions } from "node:http";
import type { SidecarAddress } from "../sidecar/messages.ts";

/** Connections to one sidecar; they are kept and used again. */
export class SidecarConnections implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, noDelay: true, maxFreeSockets: 16 });
  readonly #place: RequestOptions;

  constructor(address: SidecarAddress) {
    if (address.kind === "http") {
      const { hostname, port } = new URL(address.url);
      this.#place = { host: hostname, port };
    } else this.#place = { socketPath: address.path };
  }

  /** Sends a request; resolves with the head of the answer. Rejects when there is no connection, or on the signal. */
  send(
    method: "GET" | "POST",
    path: string,
    body: string | null,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...this.#place,
          agent: this.#agent,
          method,
          path,
          signal,
          headers:
            body === null
              ? {}
              : { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        },
        resolve,
      );
      outgoing.once("error", reject);
      outgoing.end(body ?? undefined);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** The whole of a small answer. Throws beyond `limit` bytes. */
export async function readText(answer: IncomingMessage, limit = 1_000_000): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > limit) throw new Error(`The answer of the sidecar is larger than ${limit} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
