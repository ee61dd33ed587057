import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { inheritedEnvironment } from "./environment.ts";

const run = promisify(execFile);

/**
 * What tells one process from a later one with the same pid: on Linux the boot id and
 * the start time in clock ticks (proc_pid_stat(5), field 22), elsewhere the start time
 * as the system prints it. Null when no such process runs (a zombie does not run).
 */
export async function processIdentity(pid: number): Promise<string | null> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  if (process.platform === "linux") return linuxIdentity(pid);
  if (process.platform === "win32") {
    return printedBy("powershell.exe", [
      "-NoProfile",
      "-NonInteractive",
      "-Command",
      `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`,
    ]);
  }
  const line = await printedBy("ps", ["-o", "stat=,lstart=", "-p", String(pid)]);
  return line === null || line.startsWith("Z") ? null : line.replace(/^\S+\s+/, "");
}

async function linuxIdentity(pid: number): Promise<string | null> {
  const fields = await procStat(pid);
  if (fields === null || fields[0] === "Z" || fields[0] === "X") return null;
  return `${await bootId()}:${fields[19]}`;
}

/** Fields of /proc/PID/stat from the third (state) on; the name before them may hold spaces and brackets. */
export async function procStat(pid: number): Promise<string[] | null> {
  const text = await readIfPresent(`/proc/${pid}/stat`);
  if (text === null) return null;
  return text
    .slice(text.lastIndexOf(")") + 2)
    .trimEnd()
    .split(" ");
}

/** Text of a file under /proc; null when the process is gone (which also shows as ESRCH while reading). */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return null;
    throw error;
  }
}

let boot: Promise<string> | null = null;

function bootId(): Promise<string> {
  boot ??= readIfPresent("/proc/sys/kernel/random/boot_id").then((text) => text?.trim() ?? "boot");
  return boot;
}

/** First line of a program's output; null when it found no such process (exit status other than 0). */
async function printedBy(program: string, args: string[]): Promise<string | null> {
  try {
    const { stdout } = await run(program, args, {
      timeout: 10_000,
      windowsHide: true,
      env: { ...inheritedEnvironment(), LC_ALL: "C" },
    });
    return stdout.trim() === "" ? null : stdout.trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "number") return null;
    throw error;
  }
}

/** Whether an error carries this system error code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
