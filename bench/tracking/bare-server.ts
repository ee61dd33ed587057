/**
 * A server that answers at once and does nothing: what the client of the bench reaches against it is the
 * most that it could measure. GET /zeros/N answers N bytes, everything else `{}` after the body.
 */
import { createServer } from "node:http";
import { pipeline } from "node:stream";
import { Readable } from "node:stream";

const megabyte = Buffer.alloc(1 << 20);

function* zeros(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= megabyte.length)
    yield megabyte.subarray(0, Math.min(left, megabyte.length));
}

const server = createServer({ noDelay: true }, (request, response) => {
  const wanted = /^\/zeros\/(\d+)$/.exec(request.url ?? "")?.[1];
  if (wanted !== undefined) {
    response.writeHead(200, { "content-length": wanted });
    pipeline(Readable.from(zeros(Number(wanted))), response, () => {});
    return;
  }
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 2 });
    response.end("{}");
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${address.port}` })}\n`);
});
