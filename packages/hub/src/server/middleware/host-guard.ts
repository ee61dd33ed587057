import type { MiddlewareHandler } from "hono";
import { hostname } from "node:os";
import { isIP } from "node:net";
import { isLoopback } from "../../config/config.ts";
import { HearthError } from "../../errors.ts";

/**
 * Refuses requests whose Host header is none of ours: a page on the internet can point its own
 * name at this machine (DNS rebinding), but it cannot send another Host than that name.
 * `host` is what the hub listens on; `allowed` are further names.
 */
export function hostGuard(host: string, allowed: readonly string[]): MiddlewareHandler {
  const names = new Set([
    "localhost",
    "127.0.0.1",
    "::1",
    host.toLowerCase(),
    ...allowed.map((name) => name.toLowerCase()),
  ]);
  const reachable = !isLoopback(host);
  if (reachable) names.add(hostname().toLowerCase()).add(`${hostname().toLowerCase()}.local`);
  return async (context, next) => {
    const header = context.req.header("host") ?? "";
    const name = hostName(header);
    // An address is no name: nobody rebinds it.
    if (!names.has(name) && !(reachable && isIP(name) !== 0)) {
      throw new HearthError(
        "forbidden",
        `The Host header is "${header.slice(0, 200)}", which is not this hub's name. Add the name to HEARTH_ALLOWED_HOSTS if it is yours.`,
        {
          details: { field: "Host" },
        },
      );
    }
    await next();
  };
}

/** `[::1]:4747` → `::1`, `localhost:4747` → `localhost` */
function hostName(header: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(header);
  if (bracketed !== null) return (bracketed[1] ?? "").toLowerCase();
  return header.replace(/:\d+$/, "").toLowerCase();
}
