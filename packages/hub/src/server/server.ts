import { fileURLToPath } from "node:url";
import { createServer, type Server } from "node:http";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { isLoopback, type Config } from "../config/config.ts";
import { lockHome } from "../process/home-lock.ts";
import { openLog, type Logger } from "../telemetry/log.ts";
import { createApp } from "./app.ts";
import { composeHub } from "./composition.ts";
import { limitArrival } from "./arrival.ts";
import { keepRoom } from "./connections.ts";
import { listen, urlOf } from "./listen.ts";

/** Where `npm run build` leaves the page. */
const pageFolder = fileURLToPath(new URL("../../../web/dist/", import.meta.url));

export interface StartOptions {
  /** Its abort stops the hub in order, as `close` does. */
  signal?: AbortSignal;
  /** Where short log lines for people go; default standard error, null for nowhere. */
  logStream?: NodeJS.WritableStream | null;
  /** In this time the body of a request has to be here; default 5 min. */
  arrivalMs?: number;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Fulfilled when everything has stopped. */
  readonly closed: Promise<void>;
  /** Takes no new request, lets running ones end (at most 10 s), stops the rest, puts a running job back. */
  close(): Promise<void>;
}

const drainMs = 10_000;
const headersTimeoutMs = 15_000;
const keepAliveTimeoutMs = 65_000;
/** Open ones beyond this cost idle ones their place. */
const maximumConnections = 4096;

/**
 * Starts a hub: locks its home folder, opens its rooms, listens. Resolves as soon as it answers.
 *
 * @throws HearthError `conflict` when the home or the port is taken, `configuration_invalid`,
 * `unavailable` when the database cannot be reached. Nothing is left behind then.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  await using stack = new AsyncDisposableStack();
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  const lock = stack.use(await lockHome(config.home));
  const logStream = options.logStream === undefined ? process.stderr : options.logStream;
  const { log, close: closeLog } = openLog({
    folder: join(config.home, "logs"),
    level: config.logLevel,
    stream: logStream,
  });
  stack.defer(closeLog);
  for (const warning of config.warnings) log.warn(warning);

  const draining = new AbortController();
  const stopping = new AbortController();
  let state: "starting" | "ready" | "stopping" = "starting";
  let url = "";
  const hub = stack.use(
    await composeHub(config, {
      log,
      url: () => url,
      ready: () => state === "ready",
      shutdown: () => void close(),
    }),
  );
  const app = createApp({
    pageFolder,
    config,
    services: hub.services,
    metrics: hub.metrics,
    log,
    draining: draining.signal,
    stopping: stopping.signal,
  });
  const respond = getRequestListener(app.fetch);
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: keepAliveTimeoutMs,
      noDelay: true,
    },
    (request, response) => {
      limitArrival(request, response, options.arrivalMs);
      void respond(request, response);
    },
  );
  keepRoom(server, maximumConnections);
  const address = await listen(server, config.host, config.port);
  url = urlOf(config.host, address.port);
  await lock.announce(url);
  state = "ready";
  log.info({ url, home: config.home }, "Hearth is ready");

  const owned = stack.move();
  const begun = hub.start(draining.signal);
  const stop = async (): Promise<void> => {
    state = "stopping";
    log.info("stopping");
    draining.abort(new DOMException("the hub is stopping", "AbortError"));
    await drain(server, stopping, log);
    await begun;
    await owned.disposeAsync();
  };
  let closing: Promise<void> | null = null;
  const closed = Promise.withResolvers<void>();
  const close = (): Promise<void> => {
    closing ??= stop();
    closing.then(closed.resolve, closed.reject);
    return closing;
  };
  // Whoever called `close` hears of a failure; nobody else has to.
  closed.promise.catch(() => {});
  options.signal?.addEventListener("abort", () => void close().catch(() => {}), { once: true });
  if (options.signal?.aborted === true) void close().catch(() => {});
  if (!isLoopback(config.host))
    log.warn({ host: config.host }, "other machines can reach this hub; every request needs the API key");
  return { url, port: address.port, closed: closed.promise, close };
}

/** Ends the listening; what runs may end by itself for a while, then it is stopped. */
async function drain(server: Server, stopping: AbortController, log: Logger): Promise<void> {
  const finished = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A connection that becomes idle only now would keep the server open for its keep-alive time.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const patience = setTimeout(() => {
    log.warn("requests are still running and are stopped");
    stopping.abort(new DOMException("the hub is stopping", "AbortError"));
    server.closeAllConnections();
  }, drainMs);
  await finished;
  clearInterval(sweep);
  clearTimeout(patience);
  stopping.abort(new DOMException("the hub is stopping", "AbortError"));
}
