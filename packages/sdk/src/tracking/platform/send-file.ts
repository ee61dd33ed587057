import { InvalidTracking } from "../errors.ts";
import type { Node } from "./node.ts";

const chunkSize = 1 << 20;

/**
 * Sends a file as the body of a PUT. Node's fetch reads a stream faster than a slow server takes it
 * and keeps the rest: a file of gigabytes would fill the memory. Here it is read as it is taken.
 * @throws InvalidTracking when the file cannot be read; what Node's http throws when the server breaks off
 */
export async function sendFile(
  { fs, http, https, streamPromises }: Node,
  url: string,
  file: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const handle = await fs.promises.open(file).catch((error: Error) => {
    throw new InvalidTracking(`The file ${file} cannot be read: ${error.message}`);
  });
  const { request } = url.startsWith("https:") ? https : http;
  const aborting = signal === undefined ? {} : { signal };
  const outgoing = request(url, { method: "PUT", headers, ...aborting });
  const answered = new Promise<InstanceType<Node["http"]["IncomingMessage"]>>((resolve, reject) => {
    outgoing.once("response", resolve).once("error", reject);
  });
  let failure: unknown;
  const sent = streamPromises
    .pipeline(handle.createReadStream({ highWaterMark: chunkSize }), outgoing, aborting)
    .catch((error: unknown) => {
      failure = error;
    });
  const answer = await answered.catch(async (error: unknown) => {
    await sent;
    throw failure ?? error;
  });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of answer) chunks.push(chunk as Uint8Array<ArrayBuffer>);
  outgoing.destroy();
  await sent;
  return new Response(new Blob(chunks), {
    status: answer.statusCode ?? 500,
    headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]),
  });
}
