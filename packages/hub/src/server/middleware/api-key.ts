import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { HearthError } from "../../errors.ts";

/** Supervisors ask these without a key; they tell nothing but "up". */
const open = new Set(["/health/live", "/health/ready", "/api/health/live", "/api/health/ready"]);

/**
 * Requires the key as `Authorization: Bearer KEY`, or as the password of Basic, which
 * browsers can send. Without a key (loopback only) everybody may.
 */
export function requireKey(key: string | null): MiddlewareHandler {
  if (key === null) return (_context, next) => next();
  const expected = digest(key);
  return async (context, next) => {
    if (!open.has(context.req.path)) {
      const given = credential(context.req.header("authorization") ?? "");
      if (given === null || !timingSafeEqual(digest(given), expected)) {
        const what = given === null ? "This hub needs an API key" : "The API key is not this hub's";
        throw new HearthError(
          "unauthorized",
          `${what}; send Authorization: Bearer with the value of HEARTH_API_KEY. A browser that asks takes it as the password, with any user name.`,
        );
      }
    }
    await next();
  };
}

/** Digests have one length, so that the comparison takes one time. */
function digest(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}

function credential(header: string): string | null {
  const [scheme, value] = header.split(" ", 2);
  if (scheme === undefined || value === undefined) return null;
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return null;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}
