import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

/** Where a server listens. */
export interface ServerTarget {
  /** Without a slash at the end. */
  url: string;
  key: string | null;
}

/** A server's answer has begun; the body is still to be read. */
export interface ServerAnswer {
  status: number;
  body: IncomingMessage;
}

/**
 * Sends one request on a connection of its own, as the server's HTTP/1.0 wants it. It waits without a limit
 * of its own: a request may stand behind others for long. The signal closes the connection, which is how
 * mlx_lm.server learns that nobody wants the rest.
 *
 * Errors: what the connection gives, or the signal's reason.
 */
export function send(
  target: ServerTarget,
  path: string,
  body: Record<string, unknown> | null,
  signal: AbortSignal,
): Promise<ServerAnswer> {
  const url = new URL(`${target.url}${path}`);
  const content = body === null ? null : Buffer.from(JSON.stringify(body));
  const { promise, resolve, reject } = Promise.withResolvers<ServerAnswer>();
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
    method: content === null ? "GET" : "POST",
    agent: false,
    signal,
    headers: {
      "user-agent": "hearth",
      ...(content === null ? {} : { "content-type": "application/json", "content-length": content.length }),
      ...(target.key === null ? {} : { authorization: `Bearer ${target.key}` }),
    },
  });
  request.on("response", (response) => resolve({ status: response.statusCode ?? 0, body: response }));
  request.on("error", (error) => reject(signal.aborted ? signal.reason : error));
  request.end(content);
  return promise;
}

/** A body as text, cut after `limit` bytes. */
export async function readText(body: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > limit) break;
  }
  body.destroy();
  return Buffer.concat(chunks).toString("utf8").slice(0, limit);
}
