import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { atExit } from "./at-exit.ts";
import { Connection } from "./connection.ts";

export interface Started {
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Where its output goes. */
  log: string;
}

const leftovers = new WeakMap<ChildProcess, Disposable>();

/** Starts a server as the leader of a process group of its own, so that its workers can be ended with it. */
export function startGroup({ command, args, cwd, env, log }: Started): ChildProcess {
  const output = openSync(log, "a");
  try {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", output] });
    const { pid } = child;
    if (pid !== undefined)
      leftovers.set(
        child,
        atExit(() => signalGroup(pid, "SIGKILL")),
      );
    return child;
  } finally {
    closeSync(output);
  }
}

/** Ends the whole group in order, then what is left of it by force. */
export async function stopGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    const impatient = setTimeout(() => signalGroup(pid, "SIGKILL"), 15_000);
    child.kill("SIGTERM");
    await exited;
    clearTimeout(impatient);
  }
  signalGroup(pid, "SIGKILL");
  leftovers.get(child)?.[Symbol.dispose]();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // Nobody is left in the group.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The first line that a server writes to its standard output. */
export async function firstLine(child: ChildProcess, log: string): Promise<string> {
  if (!child.stdout) throw new Error("the server has no standard output");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`the server ended before it answered; its log:\n${readFileSync(log, "utf8").slice(-2000)}`);
}

/** Waits until GET `path` answers 200. */
export async function healthy(child: ChildProcess, url: string, path: string, log: string): Promise<void> {
  child.stdout?.resume();
  const deadline = Date.now() + 120_000;
  for (;;) {
    using connection = new Connection(url, 5);
    const answer = await connection.ask("GET", path).catch(() => undefined);
    if (answer?.status === 200) return;
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(
        `the server at ${url} did not come up; its log:\n${readFileSync(log, "utf8").slice(-2000)}`,
      );
    await delay(200);
  }
}

/** A port that was free a moment ago, for servers that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
