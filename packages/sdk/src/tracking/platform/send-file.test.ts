import { afterAll, beforeAll, expect, test } from "vitest";
import { node } from "./node.ts";
import { sendFile } from "./send-file.ts";

const found = node();
if (found === null) throw new Error("these tests run in Node");
const modules = found;
const { fs, http, os, path } = modules;

type Handler = NonNullable<Parameters<typeof http.createServer>[1]>;

let folder = "";
let file = "";
const bytes = new Uint8Array(5_000_000).map((_, at) => at % 251);

beforeAll(async () => {
  folder = await fs.promises.mkdtemp(path.join(os.tmpdir(), "hearth-send-"));
  file = path.join(folder, "file");
  await fs.promises.writeFile(file, bytes);
});
afterAll(async () => {
  await fs.promises.rm(folder, { recursive: true });
});

async function withServer<T>(handler: Handler, call: (url: string) => Promise<T>): Promise<T> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  try {
    return await call(`http://127.0.0.1:${address.port}/x?y=1`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const send = (url: string, signal?: AbortSignal, from = file) =>
  sendFile(modules, url, from, { "content-length": String(bytes.length), "x-a": "b" }, signal);

test("the whole file arrives, with its headers, and the answer comes back", async () => {
  const sha256 = (of: Uint8Array) => modules.crypto.createHash("sha256").update(of).digest("hex");
  const chunks: Uint8Array[] = [];
  let seen: unknown;
  const response = await withServer(
    (request, answer) => {
      seen = [request.method, request.url, request.headers["x-a"], request.headers["content-length"]];
      request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      request.on("end", () => answer.writeHead(201, { "x-c": "d" }).end("taken"));
    },
    (url) => send(url),
  );
  expect([response.status, response.headers.get("x-c"), await response.text()]).toEqual([201, "d", "taken"]);
  expect(seen).toEqual(["PUT", "/x?y=1", "b", "5000000"]);
  expect(sha256(Buffer.concat(chunks))).toBe(sha256(bytes));
});

test("a refusal before the file was read is the answer", async () => {
  const response = await withServer(
    (_, answer) => answer.writeHead(507).end("full"),
    (url) => send(url),
  );
  expect([response.status, await response.text()]).toEqual([507, "full"]);
});

test("a file that is gone, a server that breaks off, and an abort are errors", async () => {
  await withServer(
    (request) => request.socket.destroy(),
    async (url) => {
      await expect(send(url)).rejects.toThrow(/hang up|ECONNRESET|EPIPE|premature/i);
    },
  );
  const abort = new AbortController();
  await withServer(
    () => abort.abort(new Error("enough")),
    async (url) => {
      await expect(send(url, undefined, path.join(folder, "gone"))).rejects.toThrow(
        /gone cannot be read: ENOENT/,
      );
      await expect(send(url, abort.signal)).rejects.toThrow();
    },
  );
});
