import { Hono, type Context } from "hono";
import { openapiDocument } from "../api/openapi.ts";
import type { Call, Exchange } from "../api/operation.ts";
import { openPage } from "../api/page/page.ts";
import { operations, pathsOf } from "../api/routes.ts";
import type { Services } from "../api/services.ts";
import type { Config } from "../config/config.ts";
import { HearthError, serialiseError } from "../errors.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { requireKey } from "./middleware/api-key.ts";
import { rememberCaller } from "./middleware/caller.ts";
import { hostGuard } from "./middleware/host-guard.ts";
import { observe, type RequestVariables } from "./middleware/observe.ts";
import { originGuard } from "./middleware/origin-guard.ts";
import { CallerPresence } from "./caller-presence.ts";
import { dialectOf, errorResponseIn } from "./dialects.ts";
import { noSuchRoute } from "./not-found.ts";

interface Environment {
  Variables: RequestVariables;
  Bindings: Partial<Exchange>;
}

export interface AppOptions {
  config: Pick<Config, "host" | "allowedHosts" | "apiKey">;
  services: Services;
  metrics: Metrics;
  log: Logger;
  /** Where the built page is. */
  pageFolder: string;
  /** Aborts when the hub begins to stop. */
  draining: AbortSignal;
  /** Aborts when the hub stops for good: what still runs ends. */
  stopping: AbortSignal;
}

/** The hub's web application: guards, the route table, the page, errors in each client's own dialect. */
export function createApp(options: AppOptions): Hono<Environment> {
  const { config, services, log } = options;
  const app = new Hono<Environment>();
  app.use(observe(log, options.metrics));
  app.use(hostGuard(config.host, config.allowedHosts));
  app.use(requireKey(config.apiKey));
  app.use(originGuard());
  app.use(rememberCaller());

  const presence = new CallerPresence(options.stopping);
  for (const operation of operations) {
    const names = parameterNames(operation.path);
    for (const path of pathsOf(operation)) {
      app.on(operation.method, routerPath(path), (context) => {
        context.set("route", operation.path);
        context.set("dialect", operation.dialect);
        return operation.run(services, callOf(context, names, presence, options.draining));
      });
    }
  }
  let document: object | undefined;
  for (const path of ["/openapi.json", "/api/openapi.json"]) {
    app.get(path, (context) => {
      context.set("route", "/openapi.json");
      return context.json((document ??= openapiDocument(operations)));
    });
  }
  const page = openPage(options.pageFolder);
  app.get("/", (context) => {
    context.set("route", "/");
    return page.document();
  });
  for (const path of ["/hearth.svg", "/assets/:name"]) {
    app.get(path, (context) => {
      context.set("route", path);
      return page.file(context.req.path.slice(1), context.req.header("accept-encoding") ?? "");
    });
  }

  app.notFound((context) => {
    const { method, path } = context.req;
    const sent = context.env?.incoming?.url ?? path;
    // `..` in it may have made a path of another dialect of it.
    context.set("dialect", dialectOf(sent));
    return errorResponse(noSuchRoute(method, path, sent), context, log);
  });
  app.onError((error, context) => errorResponse(error, context, log));
  return app;
}

function callOf(
  context: Context<Environment>,
  parameters: readonly string[],
  presence: CallerPresence,
  draining: AbortSignal,
): Call {
  // Without a connection there is no environment at all.
  const { incoming, outgoing } = (context.env as Partial<Exchange> | undefined) ?? {};
  const remote = incoming?.socket.remoteAddress ?? "";
  const params: Record<string, string> = {};
  for (const name of parameters) params[name] = context.req.param(name) ?? "";
  return {
    request: context.req.raw,
    exchange: incoming === undefined || outgoing === undefined ? null : { incoming, outgoing },
    params,
    requestId: context.get("requestId"),
    receivedAt: context.get("receivedAt"),
    local: /^(::ffff:)?127\.|^::1$/.test(remote),
    signal: outgoing === undefined ? presence.ofRequest(context.req.raw) : presence.of(outgoing),
    draining,
  };
}

/** `/models/{id}/versions/{version}` → `id`, `version` */
function parameterNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)(?:\.{3})?\}/g)].map((match) => match[1] ?? "");
}

/** `/models/{id}` → `/models/:id`, `/files/{path...}` → `/files/:path{.+}` */
function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)(\.{3})?\}/g, (_, name: string, rest: string | undefined) =>
    rest === undefined ? `:${name}` : `:${name}{.+}`,
  );
}

function errorResponse(thrown: unknown, context: Context<Environment>, log: Logger): Response {
  const requestId = context.get("requestId");
  const gone = context.env?.outgoing?.closed ?? context.req.raw.signal.aborted;
  const error = gone ? goneAway(thrown) : thrown;
  if (serialiseError(error).code === "internal") log.error({ err: error, requestId }, "unexpected error");
  return errorResponseIn(context.get("dialect") ?? dialectOf(context.req.path), error, requestId);
}

/** An abort that the client itself caused is no fault of the hub. */
function goneAway(error: unknown): unknown {
  const aborted = error instanceof Error && error.name === "AbortError";
  return aborted ? new HearthError("cancelled", "The client went away.", { cause: error }) : error;
}
