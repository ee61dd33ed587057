import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HearthError } from "../errors.ts";

/** Listens, and says in one sentence why not. Returns the address. */
export function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(explain(error, host, port));
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      const address = server.address();
      if (address === null || typeof address === "string")
        reject(new HearthError("internal", "the server has no port"));
      else resolve(address);
    });
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): HearthError {
  const details = { host, port, reason: error.code };
  switch (error.code ?? "") {
    case "EADDRINUSE":
      return new HearthError(
        "conflict",
        `Port ${port} on ${host} is in use; stop what uses it, or choose another port (0 takes a free one).`,
        { cause: error, details },
      );
    case "EACCES":
      return new HearthError(
        "configuration_invalid",
        `Port ${port} may not be used by this user; choose one above 1023.`,
        { cause: error, details },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new HearthError(
        "configuration_invalid",
        `${host} is no address of this machine; HEARTH_HOST must be one, such as 127.0.0.1.`,
        { cause: error, details },
      );
    default:
      return new HearthError(
        "configuration_invalid",
        `Cannot listen on ${host}, port ${port}: ${error.message}.`,
        { cause: error, details },
      );
  }
}

/** The address for people and clients; "everywhere" is reached here by loopback. */
export function urlOf(host: string, port: number): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host.replace(/^\[|\]$/g, "");
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
