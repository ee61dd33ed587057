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
    // Read to its end all the same: who still sends would see a broken connection instead of the refusal.
    if (size > limit) chunks.length = 0;
    else chunks.push(bytes);
  }
  if (size > limit) throw new BodyRefused(413, `The body has ${size} bytes, ${limit} are allowed.`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new BodyRefused(400, `The body is not JSON: ${error instanceof Error ? error.message : ""}`, {
      cause: error,
    });
  }
}
