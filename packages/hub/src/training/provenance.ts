import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { arch, platform, release } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { inheritedEnvironment } from "../process/environment.ts";

const run = promisify(execFile);
const gitTimeoutMs = 10_000;

export interface CodeState {
  /** Null when the code is not in a git repository, or git is not installed. */
  commit: string | null;
  /** Whether tracked files differ from the commit. */
  dirty: boolean | null;
}

/** Commit of the code in a folder. */
export async function readCodeState(folder: string): Promise<CodeState> {
  const commit = await git(folder, ["rev-parse", "HEAD"]);
  if (commit === null) return { commit: null, dirty: null };
  const changes = await git(folder, ["status", "--porcelain", "--untracked-files=no"]);
  return { commit, dirty: changes === null ? null : changes !== "" };
}

/** What beside the specification may change a result: versions of everything that runs, and of the lock file. */
export async function readEnvironment(folder: string): Promise<Record<string, string>> {
  const lock = await fileSha256(join(folder, "package-lock.json"));
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: platform(),
    release: release(),
    arch: arch(),
    ...(lock === null ? {} : { package_lock_sha256: lock }),
  };
}

/** Git's answer without the last newline; null when it has none. */
async function git(folder: string, args: string[]): Promise<string | null> {
  try {
    // The system's and the person's own settings must not change the answer, nor start programs.
    const { stdout } = await run("git", ["-c", "core.fsmonitor=false", "-C", folder, ...args], {
      timeout: gitTimeoutMs,
      env: { ...inheritedEnvironment(), GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
      maxBuffer: 16_000_000,
    });
    return stdout.trimEnd();
  } catch (error) {
    const missing = fileErrorCode(error) === "ENOENT";
    const refused = error instanceof Error && "code" in error && typeof error.code === "number";
    if (missing || refused) return null;
    throw error;
  }
}

async function fileSha256(path: string): Promise<string | null> {
  try {
    return createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return null;
    throw error;
  }
}
