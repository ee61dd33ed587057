import { HearthError } from "../errors.ts";
import { jsonProblem } from "../json-problem.ts";

export const jsonBodyLimit = 10 * 2 ** 20;

/** Reads a JSON body of at most `limit` bytes. Throws `too_large` or `invalid_request`. */
export async function readJson(request: Request, limit: number, signal: AbortSignal): Promise<unknown> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^application\/(\w+\+)?json\s*(;|$)/i.test(contentType)) {
    throw new HearthError(
      "invalid_request",
      `The body's Content-Type is "${contentType}"; send application/json.`,
      { details: { field: "Content-Type", found: contentType } },
    );
  }
  const bytes = await readBytes(request, limit, signal);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new HearthError("invalid_request", "The body is not UTF-8.", { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HearthError("invalid_request", `The body is not JSON: ${jsonProblem(error)}.`, {
      cause: error,
    });
  }
}

/** Reads a body of at most `limit` bytes. Throws `too_large`. */
export async function readBytes(request: Request, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  refuseBeyond(Number(request.headers.get("content-length") ?? 0), limit);
  if (request.headers.has("content-length")) {
    // Node enforces the announced length, so that it is a limit already.
    return new Uint8Array(await request.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of request.body ?? []) {
    signal.throwIfAborted();
    total += chunk.byteLength;
    refuseBeyond(total, limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuseBeyond(size: number, limit: number): void {
  if (size > limit) {
    throw new HearthError(
      "too_large",
      `The body is larger than ${limit} bytes (${size} so far or announced).`,
      { details: { limit, size } },
    );
  }
}
