import { listen } from "./listen/listen.ts";
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

const ending = new AsyncDisposableStack();
let settings: SidecarSettings | null = null;
const configured = Promise.withResolvers<void>();
const sidecar = createSidecarServer(() => {
  if (settings === null) throw new Error("not configured yet");
  return settings;
});

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

await configured.promise;
try {
  const options = listenOptions.parse(JSON.parse(process.argv[2] ?? "null"));
  const listening = await listen(sidecar.server, options);
  ending.defer(() => listening[Symbol.asyncDispose]());
  tell({ type: "ready", address: listening.address });
} catch (error) {
  // Told in one line: the hub shows the last lines of its children.
  process.stderr.write(`${error instanceof ListenRefused ? error.message : String(error)}\n`);
  process.exitCode = 1;
  process.disconnect();
}

function tell(message: FromSidecar): void {
  process.send?.(message);
}

/** Takes no new turn and lets the running ones end. */
async function end(): Promise<void> {
  sidecar.server.close();
  sidecar.server.closeIdleConnections();
  await sidecar.idle();
  await ending.disposeAsync();
  sidecar.server.closeAllConnections();
  process.disconnect();
}
