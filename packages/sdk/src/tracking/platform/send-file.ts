import type { Node } from "./node.ts";

const chunkSize = 1 << 20;

/**
 * Sends a file as the body of a PUT. Node's fetch reads a stream faster than a slow server takes it
 * and keeps the rest: a file of gigabytes would fill the memory. Here it is read as it is taken.
 */
export async function sendFile(
  { fs, http, https, streamPromises }: Node,
  url: string,
  file: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const { request } = url.startsWith("https:") ? https : http;
  const aborting = signal === undefined ? {} : { signal };
  const outgoing = request(url, { method: "PUT", headers, ...aborting });
  const answered = new Promise<InstanceType<Node["http"]["IncomingMessage"]>>((resolve, reject) => {
    outgoing.once("response", resolve).once("error", reject);
  });
  const sent = streamPromises
    .pipeline(fs.createReadStream(file, { highWaterMark: chunkSize }), outgoing, aborting)
    // The request reports it too, and a server that refuses and closes early has answered all the same.
    .catch(() => undefined);
  const answer = await answered;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of answer) chunks.push(chunk as Uint8Array<ArrayBuffer>);
  outgoing.destroy();
  await sent;
  return new Response(new Blob(chunks), {
    status: answer.statusCode ?? 500,
    headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]),
  });
}
