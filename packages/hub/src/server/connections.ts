import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Keeps a server open for new callers however many connections lie idle: beyond `most`, the one that has been
 * without a request for longest is closed. One with a request in progress never is: of those there can be twice as
 * many, then new callers are refused.
 */
export function keepRoom(server: Server, most: number): void {
  /** In the order in which they became idle. */
  const idle = new Set<Socket>();
  let open = 0;
  server.maxConnections = most * 2;
  server.on("connection", (socket: Socket) => {
    open += 1;
    idle.add(socket);
    socket.once("close", () => {
      open -= 1;
      idle.delete(socket);
    });
    if (open > most) closeOldest(idle, socket);
  });
  server.on("request", ({ socket }, response) => {
    idle.delete(socket);
    response.once("close", () => {
      if (!socket.destroyed) idle.add(socket);
    });
  });
}

function closeOldest(idle: Set<Socket>, newest: Socket): void {
  for (const socket of idle) {
    if (socket === newest) continue;
    idle.delete(socket);
    socket.destroy();
    return;
  }
}
