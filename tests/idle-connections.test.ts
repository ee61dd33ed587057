import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ChildHub } from "./child-hub.ts";

const connections = 10_000;
const together = 500;

test("ten thousand idle connections keep nobody from being answered", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-idle-"));
  const sockets: Socket[] = [];
  try {
    await using hub = await ChildHub.start(home);
    const { hostname, port } = new URL(hub.client.url);
    while (sockets.length < connections) {
      await Promise.all(
        Array.from({ length: together }, async () => {
          const socket = connect({ host: hostname, port: Number(port) });
          socket.on("error", () => undefined);
          // What the hub closes is closed here, too.
          socket.resume();
          sockets.push(socket);
          await Promise.race([once(socket, "connect"), once(socket, "close")]);
        }),
      );
      expect((await fetch(new URL("/health/live", hub.client.url))).status).toBe(200);
    }
    const open = () => sockets.filter((socket) => !socket.destroyed).length;
    await expect.poll(open).toBeLessThan(connections);
    expect((await hub.client.health()).status).toBe("ok");
  } finally {
    for (const socket of sockets) socket.destroy();
    await rm(home, { recursive: true, force: true });
  }
});
