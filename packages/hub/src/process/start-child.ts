import { fork, spawn } from "node:child_process";
import type { ChildProcess, Serializable } from "node:child_process";
import { fileURLToPath } from "node:url";
import { childEnvironment, inheritedEnvironment } from "./environment.ts";
import { ProgramChannel } from "./program-channel.ts";

/** What runs in the child: a module of ours in Node, or another program. */
export type ChildSource =
  | { module: URL; execArgv?: readonly string[]; program?: never }
  /**
   * An absolute path. It speaks as {@link ProgramChannel} says and must end when its standard input does:
   * that is how it learns that the hub is gone.
   */
  | { program: string; module?: never; execArgv?: never };

export type StartOptions = ChildSource & {
  args?: readonly string[];
  env?: Record<string, string>;
  inherits?: readonly string[];
};

/** How messages reach the child; those from it go to the listener that was given at the start. */
export interface Channel {
  readonly connected: boolean;
  send(message: Serializable, done: (error: Error | null) => void): void;
}

/** Starts the process as the leader of a group of its own. Both outputs are pipes, for the caller to read. */
export function startChild(
  options: StartOptions,
  onMessage: (message: unknown) => void,
): { child: ChildProcess; channel: Channel } {
  const { args = [], env: additions = {}, inherits } = options;
  const env = childEnvironment(inheritedEnvironment(), additions, inherits);
  const detached = process.platform !== "win32";
  if (options.program !== undefined) {
    const child = spawn(options.program, args, { detached, stdio: ["pipe", "pipe", "pipe", "pipe"], env });
    return { child, channel: new ProgramChannel(child, onMessage) };
  }
  const child = fork(fileURLToPath(options.module), args, {
    serialization: "advanced",
    detached,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env,
    execArgv: ["--import", new URL("./child-guard.ts", import.meta.url).href, ...(options.execArgv ?? [])],
  });
  child.on("message", onMessage);
  const channel = {
    get connected() {
      return child.connected;
    },
    send: (message: Serializable, done: (error: Error | null) => void) => void child.send(message, done),
  };
  return { child, channel };
}
