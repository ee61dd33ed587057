import { listen } from "./listen/listen.ts";
import type { Listening } from "./listen/listening.ts";
import { ListenRefused } from "./listen/refused.ts";
import { listenOptions, toSidecar, type FromSidecar, type SidecarSettings } from "./messages.ts";
import { masked, secretsOf } from "./secrets.ts";
import { createSidecarServer } from "./server.ts";

/*
 * Entry of the sidecar's process. It is told everything by the hub, listens where its first argument says, and ends
 * when it is drained, asked to, or left alone.
 */

// Told in each answer's metadata; printed, they would fill the log.
globalThis.AI_SDK_LOG_WARNINGS = false;

let settings: SidecarSettings | null = null;
let ended: Promise<void> | null = null;
const configured = Promise.withResolvers<void>();
const sidecar = createSidecarServer(() => {
  if (settings === null) throw new Error("not configured yet");
  return settings;
});
const listening = configured.promise.then(begin);

// As Node does it by itself, but without the fields of the error: an answer that repeats a key may be among them.
process.on("uncaughtException", (error) => {
  const secrets = settings === null ? [] : secretsOf(settings);
  process.stderr.write(`${masked(String(error.stack ?? error), secrets)}\n`, () => process.exit(1));
});
process.on("message", (message) => {
  const told = toSidecar.parse(message);
  if (told.type === "drain") return void end();
  settings = told.settings;
  configured.resolve();
});
process.on("SIGTERM", () => void end());
// The hub is gone: nobody reads the answers any more.
process.once("disconnect", () => {
  void end();
  sidecar.server.closeAllConnections();
});

/** Begins to listen; null when it must not, or cannot, which is said in one line: the hub shows the last lines. */
async function begin(): Promise<Listening | null> {
  if (ended !== null) return null;
  try {
    const place = await listen(sidecar.server, listenOptions.parse(JSON.parse(process.argv[2] ?? "null")));
    process.send?.({ type: "ready", address: place.address } satisfies FromSidecar);
    return place;
  } catch (error) {
    process.stderr.write(`${error instanceof ListenRefused ? error.message : String(error)}\n`);
    process.exitCode = 1;
    void end();
    return null;
  }
}

/** Takes no new turn, lets the running ones end, and ends. */
function end(): Promise<void> {
  ended ??= (async () => {
    configured.resolve();
    const place = await listening;
    await sidecar.drain();
    await place?.[Symbol.asyncDispose]();
    sidecar.server.closeAllConnections();
    if (process.connected) process.disconnect();
  })();
  return ended;
}
