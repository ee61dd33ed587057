import type { MiddlewareHandler } from "hono";
import type { Dialect } from "../../api/operation.ts";
import type { Logger } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";

export interface RequestVariables {
  requestId: string;
  receivedAt: number;
  /** Path of the route table; "unmatched" where there is none. */
  route: string;
  /** Of the route; none until one is found. */
  dialect?: Dialect;
}

/** Counts, times and logs every request, and gives it an id that the answer carries. */
export function observe(log: Logger, metrics: Metrics): MiddlewareHandler<{ Variables: RequestVariables }> {
  return async (context, next) => {
    const receivedAt = performance.now();
    const requestId = validId(context.req.header("x-request-id")) ?? crypto.randomUUID();
    context.set("receivedAt", receivedAt);
    context.set("requestId", requestId);
    context.set("route", "unmatched");
    await next();
    const milliseconds = performance.now() - receivedAt;
    const { method } = context.req;
    const route = context.get("route");
    const { status } = context.res;
    context.res.headers.set("x-request-id", requestId);
    context.res.headers.set("x-content-type-options", "nosniff");
    metrics.httpRequests.inc({ method: knownMethod(method), route, status: String(status) });
    metrics.httpDuration.observe({ method: knownMethod(method), route }, milliseconds / 1000);
    const level = status >= 500 ? "warn" : "debug";
    log[level](
      {
        requestId,
        method,
        path: context.req.path.slice(0, 300),
        status,
        ms: Math.round(milliseconds * 10) / 10,
      },
      "request",
    );
  };
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A client may send any word as a method; as a label it would make a series each. */
function knownMethod(method: string): string {
  return methods.has(method) ? method : "other";
}

/** A caller's own id is kept when it is one: it goes into headers and logs. */
function validId(header: string | undefined): string | null {
  return header !== undefined && /^[\w.:-]{1,128}$/.test(header) ? header : null;
}
