import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../packages/hub/bin/hearth.js", import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The last line of stdout as JSON. */
  json: unknown;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Given to the command and closed. */
  input?: string;
}

/** Starts `hearth` as a person does. */
export function startHearth(args: readonly string[], options: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [launcher, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...options.env },
  });
}

/** Runs `hearth` to its end. */
export async function hearth(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = startHearth(args, options);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin?.end(options.input ?? "");
  const [code] = (await once(child, "close")) as [number | null];
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  return { code, stdout, stderr, json: last.startsWith("{") ? JSON.parse(last) : null };
}

/** The first line that a command prints. */
export async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("the command has no standard output");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the command ended without a line");
}
