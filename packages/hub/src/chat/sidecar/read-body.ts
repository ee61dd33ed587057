import type { IncomingMessage } from "node:http";

/** A body that is none; `status` is the answer's. */
export class BodyRefused extends Error {
  override readonly name = "BodyRefused";
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Reads a JSON body of at most `limit` bytes. Throws BodyRefused. */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > limit) throw new BodyRefused(413, `The body is larger than ${limit} bytes.`);
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new BodyRefused(400, `The body is not JSON: ${error instanceof Error ? error.message : ""}`, {
      cause: error,
    });
  }
}
