import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const entry = fileURLToPath(new URL("../../packages/hub/src/bin.ts", import.meta.url));
const announcement = z.object({ url: z.string() });

/** Mounts a small disk at `$1` that nobody else sees, then becomes the rest of the arguments. */
const onSmallDisk = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@"';
/** No file may be longer than `$1` blocks of 512 bytes. */
const withShortFiles = 'ulimit -f "$1" && shift && exec "$@"';

/** The command that may mount in a namespace of its own, or nothing where the system forbids it. */
export function mountCommand(): string[] | undefined {
  const own = process.getuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-r", "-m"];
  const [command, ...args] = [...own, "sh", "-c", "mount -t tmpfs tmpfs /mnt"];
  return spawnSync(command, args, { stdio: "ignore" }).status === 0 ? own : undefined;
}

/** A hub in a process of its own whose home is on a disk of `bytes`, or whose files may have so many. */
export class ConfinedHub implements AsyncDisposable {
  readonly url: string;
  /** Its home as seen from here. */
  readonly home: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, home: string) {
    this.#child = child;
    this.url = url;
    this.home = home;
  }

  static async onDisk(mount: readonly string[], home: string, bytes: number): Promise<ConfinedHub> {
    const [command, ...args] = [...mount, "sh", "-c", onSmallDisk, "sh", String(bytes), home];
    const { child, url } = await start(command, args, home);
    return new ConfinedHub(child, url, `/proc/${child.pid}/root${home}`);
  }

  static async withShortFiles(home: string, bytes: number): Promise<ConfinedHub> {
    const { child, url } = await start("sh", ["-c", withShortFiles, "sh", String(bytes / 512)], home);
    return new ConfinedHub(child, url, home);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }
}

async function start(
  command: string,
  args: readonly string[],
  home: string,
): Promise<{ child: ChildProcess; url: string }> {
  const hub = [process.execPath, entry, "serve", "--port", "0", "--home", home, "--json"];
  const child = spawn(command, [...args, ...hub], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      HEARTH_SPARE_ENGINE: "0",
      HEARTH_BUNDLED_MODELS: "0",
      LOG_LEVEL: "silent",
    },
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { child, url: announcement.parse(JSON.parse(line)).url };
  throw new Error(`the hub ended with ${String(child.exitCode)} before it answered`);
}
