import { once } from "node:events";
import { createServer, type Server } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Connection } from "./connection.ts";

let server: Server;
let url: string;
/** What the server answers with, one packet each; nothing for silence. */
let packets: Buffer[];

beforeEach(async () => {
  server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {
      for (const packet of packets) socket.write(packet);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  url = `http://127.0.0.1:${address.port}`;
});
afterEach(() => {
  server.close();
});

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % bytes.length), bytes.length].sort((a, b) => a - b);
  return ends
    .map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
    .filter((part) => part.length > 0);
}

const places = fc.array(fc.nat(10_000), { maxLength: 6 });

test("answers with a length, however they are cut into packets", async () => {
  using connection = new Connection(url, 5);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), places, async (text, where) => {
      const body = Buffer.from(text);
      packets = cut(
        Buffer.concat([Buffer.from(`HTTP/1.1 404 No\r\nContent-Length: ${body.length}\r\n\r\n`), body]),
        where,
      );
      expect(await connection.ask("GET", "/")).toEqual({ status: 404, body });
    }),
    { numRuns: 60 },
  );
});

test("answers in chunks, however they are cut into packets", async () => {
  using connection = new Connection(url, 5);
  const parts = fc.array(fc.string({ minLength: 1 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(parts, places, async (texts, where) => {
      const chunks = texts.map((text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
      const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
      packets = cut(Buffer.from(`${head}${chunks.join("")}0\r\n\r\n`), where);
      expect(await connection.ask("GET", "/")).toEqual({ status: 200, body: Buffer.from(texts.join("")) });
    }),
    { numRuns: 60 },
  );
});

test("a silent server is given up", async () => {
  packets = [];
  using connection = new Connection(url, 0.05);
  await expect(connection.ask("GET", "/")).rejects.toThrow("GET / was not answered within 0.05 s");
});
