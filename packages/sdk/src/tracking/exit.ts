import type { RunStatus } from "@hearth/wire/mlflow/run";
import type { RunOutbox } from "./outbox.ts";
import type { Unsent } from "./unsent.ts";
import { node, type Node } from "./platform/node.ts";

/** What the process that sends the rest reads from its standard input. */
export interface ExitParcel {
  servers: { url: string; headers: Record<string, string>; runs: Unsent[] }[];
  timeoutMs: number;
}

/** The longest that the rest of a program may take to send, though the server takes it. */
const mostSendingMs = 60_000;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Every run with something unsent or no end, and how long its program lets an exit take (ms). */
const live = new Map<RunOutbox, number>();
let installed = false;
let askedAtExit = false;

/**
 * From now on the run is ended and sent when the process ends: by itself, by `process.exit`, by an
 * uncaught exception, or by a signal that nobody else handles.
 */
export function watchRun(outbox: RunOutbox, exitTimeoutMs: number): void {
  live.set(outbox, exitTimeoutMs);
  const modules = node();
  if (modules === null) return installBrowser();
  if (live.size === 1) for (const signal of signals) modules.process.on(signal, onSignal);
  if (installed) return;
  installed = true;
  modules.process.on("beforeExit", onBeforeExit);
  modules.process.on("exit", onExit);
  modules.process.on("uncaughtExceptionMonitor", onUncaught);
}

/** The run has ended and is sent. */
export function unwatchRun(outbox: RunOutbox): void {
  live.delete(outbox);
  if (live.size > 0) return;
  for (const signal of signals) node()?.process.removeListener(signal, onSignal);
}

function endAll(status: RunStatus): void {
  for (const outbox of live.keys()) if (!outbox.isEnding) outbox.finish({ status, endTime: Date.now() });
}

/** Nothing is left to do: there is time to send in this process. */
function onBeforeExit(code: number): void {
  endAll(code === 0 ? "FINISHED" : "FAILED");
  if (askedAtExit) return;
  const waiting = [...live].filter(([outbox]) => !outbox.isIdle);
  if (waiting.length === 0) return;
  askedAtExit = true;
  const sending = waiting.map(([outbox, timeoutMs]) => outbox.flush(timeoutMs));
  void Promise.allSettled(sending).then((results) => {
    // A server that answered may be asked again, should the program go on after all.
    askedAtExit = results.some(({ status }) => status === "rejected");
  });
}

function onExit(code: number): void {
  endAll(code === 0 ? "FINISHED" : "FAILED");
  const modules = node();
  if (modules === null) return;
  if (askedAtExit)
    reportUnsent(
      modules,
      [...live.keys()].flatMap((outbox) => outbox.takeUnsent() ?? []),
    );
  else sendNow(modules);
}

function onUncaught(error: Error): void {
  const modules = node();
  if (modules === null) return;
  const { process } = modules;
  // A handler of the program's own decides whether this is the end.
  if (process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
  for (const outbox of live.keys()) {
    if (outbox.isEnding) continue;
    outbox.addTag("exception.type", error instanceof Error ? error.name : typeof error);
    outbox.addTag("exception.message", error instanceof Error ? error.message : String(error));
  }
  endAll("FAILED");
  sendNow(modules);
}

function onSignal(signal: NodeJS.Signals): void {
  const modules = node();
  if (modules === null) return;
  const { process } = modules;
  // A handler of the program's own decides what the signal means; it may go on or call process.exit.
  if (process.listenerCount(signal) > 1) {
    for (const outbox of live.keys()) outbox.wake();
    return;
  }
  endAll("KILLED");
  sendNow(modules);
  process.removeListener(signal, onSignal);
  process.kill(process.pid, signal);
}

/** Hands everything to a process of its own and waits for that: an ending process can await nothing. */
function sendNow(modules: Node): void {
  const custom = [...live.keys()].filter(({ rest }) => rest.isCustom);
  const kept = custom.flatMap((outbox) => outbox.takeUnsent() ?? []);
  for (const outbox of custom) live.delete(outbox);
  reportUnsent(modules, kept, "its client has a fetch of its own, which ends with the process");
  const parcel = packUp();
  if (parcel === null) return;
  const sender = modules.url.fileURLToPath(new URL("./exit-sender.ts", import.meta.url));
  const { status, error, stderr } = modules.childProcess.spawnSync(modules.process.execPath, [sender], {
    input: JSON.stringify(parcel),
    stdio: ["pipe", "ignore", "pipe"],
    // The sender stops by itself when the server does nothing; this is for one that cannot.
    timeout: parcel.timeoutMs + mostSendingMs,
    env: { ...modules.process.env, ELECTRON_RUN_AS_NODE: "1" },
    windowsHide: true,
  });
  live.clear();
  if (status === 0) return;
  const said = stderr?.toString().trim().split("\n").at(-1) ?? "";
  reportUnsent(
    modules,
    parcel.servers.flatMap((server) => server.runs),
    error?.message ?? (said === "" ? `the sender ended with ${String(status)}` : said),
  );
}

function packUp(): ExitParcel | null {
  const servers = new Map<RunOutbox["rest"], Unsent[]>();
  for (const outbox of live.keys()) {
    const unsent = outbox.takeUnsent();
    if (unsent === null) continue;
    const runs = servers.get(outbox.rest) ?? [];
    servers.set(outbox.rest, [...runs, unsent]);
  }
  if (servers.size === 0) return null;
  return {
    servers: [...servers].map(([rest, runs]) => ({ url: rest.url, headers: rest.headers, runs })),
    timeoutMs: Math.max(...live.values()),
  };
}

function reportUnsent(modules: Node, runs: readonly Unsent[], reason = "the server gave no answer"): void {
  if (runs.length === 0) return;
  const points = runs
    .flatMap((run) => run.batches)
    .reduce((sum, batch) => sum + batch.metrics.length + batch.params.length + batch.tags.length, 0);
  modules.process.stderr.write(
    `hearth: ${runs.length} run(s) did not reach the tracking server before this process ended, ` +
      `with ${points} metric points, params and tags unsent: ${reason}\n`,
  );
}

/** A page that goes away is given what the browser still lets it send. */
function installBrowser(): void {
  if (installed) return;
  installed = true;
  const page = globalThis as { addEventListener?: (type: string, listener: () => void) => void };
  page.addEventListener?.("pagehide", () => {
    for (const outbox of live.keys()) {
      outbox.rest.leaving = true;
      outbox.wake();
    }
  });
}
