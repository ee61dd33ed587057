import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Resident memory of another process in bytes, now. */
export function residentBytes(pid: number): number {
  if (process.platform === "linux") {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    if (!found?.[1]) throw new Error(`process ${pid} has no resident memory: has it ended?`);
    return Number(found[1]) * 1024;
  }
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim()) * 1024;
}
