import type { Server } from "node:http";
import type { ListenOptions, SidecarAddress } from "../messages.ts";
import { listenOnPipe } from "./named-pipe.ts";
import { listenOnPort } from "./port.ts";
import { listenOnSocket } from "./unix-socket.ts";

/** A place that is listened on. Disposing it removes what shows the way there; the server itself is the caller's. */
export interface Listening extends AsyncDisposable {
  address: SidecarAddress;
}

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

/** Resolves when it listens; every way in which that can fail rejects. */
export function started(server: Server, begin: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.once("listening", resolve);
  begin();
  return promise.finally(() => {
    server.off("error", reject);
    server.off("listening", resolve);
  });
}
