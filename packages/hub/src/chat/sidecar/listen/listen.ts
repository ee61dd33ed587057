import type { Server } from "node:http";
import type { ListenOptions } from "../messages.ts";
import type { Listening } from "./listening.ts";
import { listenOnPipe } from "./named-pipe.ts";
import { listenOnPort } from "./port.ts";
import { listenOnSocket } from "./unix-socket.ts";

/**
 * Begins to accept connections.
 *
 * @throws ListenRefused where somebody else listens already, or where the place is none.
 */
export function listen(server: Server, options: ListenOptions): Promise<Listening> {
  switch (options.transport) {
    case "socket":
      return listenOnSocket(server, options.path);
    case "pipe":
      return listenOnPipe(server, options.path);
    case "http":
      return listenOnPort(server, options.port, options.portFile);
  }
}
