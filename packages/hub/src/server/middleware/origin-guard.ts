import type { MiddlewareHandler } from "hono";
import { HearthError } from "../../errors.ts";

const safe = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses writes that a page of another origin sends: browsers put Origin (and
 * Sec-Fetch-Site) on them, programs do not.
 */
export function originGuard(): MiddlewareHandler {
  return async (context, next) => {
    if (!safe.has(context.req.method)) {
      const origin = context.req.header("origin");
      const site = context.req.header("sec-fetch-site");
      const foreign = origin !== undefined && !isSameHost(origin, context.req.header("host") ?? "");
      if (foreign || site === "cross-site") {
        throw new HearthError(
          "forbidden",
          `A page of ${(origin ?? "another site").slice(0, 200)} asked for a change; only this hub's own page may.`,
          {
            details: { field: "Origin" },
          },
        );
      }
    }
    await next();
  };
}

function isSameHost(origin: string, host: string): boolean {
  // "null" (sandboxed pages, files) is nobody's origin.
  return URL.canParse(origin) && new URL(origin).host.toLowerCase() === host.toLowerCase();
}
