import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepRoom } from "./connections.ts";

const most = 8;
let server: Server;
let port: number;
let finish: (() => void)[];

beforeEach(async () => {
  finish = [];
  server = createServer((request, response) => {
    if (request.url === "/quick") response.end("done");
    else {
      response.write("begun");
      finish.push(() => response.end("done"));
    }
  });
  keepRoom(server, most);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function idleSocket(): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

async function ask(path: string): Promise<IncomingMessage> {
  const request = get({ host: "127.0.0.1", port, path, agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) text += chunk;
  return text;
}

test("many idle connections keep nobody out: the oldest make room", async () => {
  const idle: Socket[] = [];
  for (let count = 0; count < most * 3; count++) idle.push(await idleSocket());
  expect(await textOf(await ask("/quick"))).toBe("done");
  for (const socket of idle) socket.resume();
  const closed = () => idle.filter((socket) => socket.destroyed).length;
  await expect.poll(closed).toBeGreaterThanOrEqual(most * 2);
  expect(idle.at(-1)?.destroyed).toBe(false);
  for (const socket of idle) socket.destroy();
});

test("a request in progress keeps its connection, however many come", async () => {
  const response = await ask("/slow");
  const idle = await Promise.all(Array.from({ length: most * 4 }, () => idleSocket()));
  expect(await textOf(await ask("/quick"))).toBe("done");
  finish[0]?.();
  expect(await textOf(response)).toBe("begundone");
  for (const socket of idle) socket.destroy();
});
