import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { atExit } from "./at-exit.ts";

const run = promisify(execFile);

export interface PostgresServer extends AsyncDisposable {
  url: string;
  version: string;
}

/**
 * A PostgreSQL server of its own with the settings it ships with: unlike the one that tests run on,
 * it waits for the disk at every commit. Nothing where it is not installed.
 */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const programs = await findPrograms();
  if (programs === undefined) return undefined;
  // Short: a socket's path may have some 100 characters.
  const folder = await mkdtemp(join(tmpdir(), "hearth-pg-"));
  const cluster = join(folder, "cluster");
  const asServer = await unprivileged(folder);
  const program = async (name: string, ...args: string[]) => {
    const [command = "", ...rest] = [...asServer, join(programs, name), ...args];
    return await run(command, rest, { cwd: "/" });
  };
  try {
    await program(
      "initdb",
      "-D",
      cluster,
      "-U",
      "hearth",
      "-A",
      "trust",
      "-E",
      "UTF8",
      "--locale=C",
      "--no-sync",
    );
    const options = `-k ${folder} -c listen_addresses=''`;
    await program("pg_ctl", "-D", cluster, "-l", join(folder, "server.log"), "-w", "-o", options, "start");
    const leftover = atExit(() => {
      stopNow(cluster);
      rmSync(folder, { recursive: true, force: true });
    });
    const { stdout } = await program("postgres", "--version");
    return {
      url: `postgres://hearth@localhost/postgres?host=${folder}`,
      version: /\d+(\.\d+)*/.exec(stdout)?.[0] ?? "",
      [Symbol.asyncDispose]: async () => {
        await program("pg_ctl", "-D", cluster, "-m", "fast", "-w", "stop");
        leftover[Symbol.dispose]();
        await rm(folder, { recursive: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** For an end without time for promises: an immediate stop, and waiting until the server is gone. */
function stopNow(cluster: string): void {
  const pid = Number(readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n")[0]);
  process.kill(pid, "SIGQUIT");
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < 100 && existsSync(join(cluster, "postmaster.pid")); waited += 1)
    Atomics.wait(clock, 0, 0, 50);
}

async function findPrograms(): Promise<string | undefined> {
  const root = "/usr/lib/postgresql";
  const versions = await readdir(root).catch(() => []);
  const [newest] = versions.sort((a, b) => Number(b) - Number(a));
  return newest === undefined ? undefined : join(root, newest, "bin");
}

/** The server refuses to run as root: how to become the user that Debian's package made, who gets the folder. */
async function unprivileged(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const id = async (flag: string) => Number((await run("id", [flag, "postgres"])).stdout);
  await chown(folder, await id("-u"), await id("-g"));
  return ["runuser", "-u", "postgres", "--"];
}
