import type { Server } from "node:http";
import type { SidecarAddress } from "../messages.ts";

/** A place that is listened on. Disposing it, after its server is closed, removes what shows the way there. */
export interface Listening extends AsyncDisposable {
  address: SidecarAddress;
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
