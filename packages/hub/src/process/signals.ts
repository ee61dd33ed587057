import { execFile } from "node:child_process";
import { hasCode } from "./identity.ts";

/**
 * Sends a signal to a process and everything it started: to its process group where there
 * are groups (the pid must lead one), with `taskkill /T` on Windows, which can only kill.
 * True when there was somebody to receive it.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  if (process.platform === "win32") {
    const child = execFile("taskkill", ["/pid", String(pid), "/T", "/F"], { windowsHide: true });
    child.on("error", (error) =>
      process.emitWarning(`taskkill could not be run for process ${pid}: ${error.message}`),
    );
    return true;
  }
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    // EPERM: on macOS, a group of which only zombies are left.
    if (hasCode(error, "ESRCH") || hasCode(error, "EPERM")) return false;
    throw error;
  }
}
