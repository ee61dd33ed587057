import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { MiddlewareHandler } from "hono";

/** Who sent the request that is being worked on. */
export interface Caller {
  /** The address of the other end and, when it sent one, the digest of its key: clients on one machine have keys of their own. */
  client: string;
  /** The W3C trace that it is part of, as it was sent. */
  traceparent: string | null;
}

const current = new AsyncLocalStorage<Caller>();
const hub: Caller = { client: "hub", traceparent: null };

/** The caller of the request that led here; the hub itself where no request did. */
export function currentCaller(): Caller {
  return current.getStore() ?? hub;
}

/** Remembers who asks for as long as the request is worked on, so that not every operation has to hand it on. */
export function rememberCaller(): MiddlewareHandler<{ Bindings: { incoming?: IncomingMessage } }> {
  return (context, next) => {
    // Without a connection there is no environment at all.
    const bindings = context.env as { incoming?: IncomingMessage } | undefined;
    const address = bindings?.incoming?.socket.remoteAddress ?? "";
    const key = context.req.header("authorization");
    return current.run(
      {
        client: key === undefined ? address : `${address} ${shortDigest(key)}`,
        traceparent: context.req.header("traceparent") ?? null,
      },
      next,
    );
  };
}

/** A client's end user as a name of bounded length. */
export function clientOf(caller: Caller, user: string | null | undefined): string {
  return user === null || user === undefined || user === ""
    ? caller.client
    : `${caller.client} ${shortDigest(user)}`;
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}
