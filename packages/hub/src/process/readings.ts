import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { procStat, readIfPresent } from "./identity.ts";

const run = promisify(execFile);

/** User-space clock ticks a second: fixed at 100 by the Linux ABI on every architecture that Node supports. */
const linuxTicks = 100;

export interface ProcessReading {
  /** Resident set, bytes; pages of mapped files included. */
  residentBytes: number;
  /** Resident bytes that belong to this process alone: no mapped files. Equals `residentBytes` where the system does not tell. */
  privateBytes: number;
  /** Largest resident set so far, where the system tells. */
  peakResidentBytes: number | null;
  /** User and system time since the start. */
  cpuSeconds: number;
}

/** Memory and CPU time of a process, or null when it is gone or the system has no way to tell (Windows). */
export async function readProcess(pid: number): Promise<ProcessReading | null> {
  if (process.platform === "linux") return readLinux(pid);
  if (process.platform === "win32") return null;
  return readPs(pid);
}

async function readLinux(pid: number): Promise<ProcessReading | null> {
  const [status, stat] = await Promise.all([readIfPresent(`/proc/${pid}/status`), procStat(pid)]);
  if (status === null || stat === null) return null;
  const kilobytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  return {
    residentBytes: kilobytes("VmRSS") * 1024,
    privateBytes: (kilobytes("RssAnon") + kilobytes("RssShmem")) * 1024,
    peakResidentBytes: kilobytes("VmHWM") * 1024,
    cpuSeconds: (Number(stat[11]) + Number(stat[12])) / linuxTicks,
  };
}

async function readPs(pid: number): Promise<ProcessReading | null> {
  try {
    const { stdout } = await run("ps", ["-o", "rss=,time=", "-p", String(pid)], { timeout: 5_000 });
    return parsePs(stdout);
  } catch (error) {
    // ps ends with status 1 when there is no such process.
    if (error instanceof Error && "code" in error && error.code === 1) return null;
    throw error;
  }
}

/** One line of `ps -o rss=,time=`: kilobytes, then [[days-]hours:]minutes:seconds. */
export function parsePs(line: string): ProcessReading | null {
  const match = /^\s*(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):([\d.]+)\s*$/.exec(line);
  if (match === null) return null;
  const [, kilobytes, days, hours, minutes, seconds] = match;
  const residentBytes = Number(kilobytes) * 1024;
  const cpuSeconds =
    ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return { residentBytes, privateBytes: residentBytes, peakResidentBytes: null, cpuSeconds };
}
