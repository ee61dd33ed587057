import type { Node } from "../platform/node.ts";

export interface GitState {
  commit: string;
  /** null when no branch is checked out. */
  branch: string | null;
  /** Tracked files differ from the commit; null when git could not say. */
  dirty: boolean | null;
  /** Address of `origin` without user and password; null when there is none. */
  remote: string | null;
}

const timeoutMs = 5000;

/** The state of the git repository around a folder; null outside of one, or without git. */
export async function readGit(modules: Node, folder: string): Promise<GitState | null> {
  const git = (...args: string[]) => runGit(modules, folder, args);
  const commit = await git("rev-parse", "HEAD");
  if (commit === null) return null;
  const [branch, changes, remote] = await Promise.all([
    git("symbolic-ref", "--quiet", "--short", "HEAD"),
    git("status", "--porcelain", "--untracked-files=no"),
    git("config", "--get", "remote.origin.url"),
  ]);
  return {
    commit,
    branch,
    dirty: changes === null ? null : changes !== "",
    remote: remote === null ? null : withoutCredentials(remote),
  };
}

/** A remote's address without user, password, query and fragment; `git@host:path` has no secret and stays. */
export function withoutCredentials(remote: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)([^?#]*)/i.exec(remote);
  if (match === null) return remote.replace(/^[^@/\s]*:[^@/\s]*@/, "");
  const [, scheme = "", authority = "", path = ""] = match;
  return scheme + authority.slice(authority.lastIndexOf("@") + 1) + path;
}

/** What git says; null when it fails or is not installed. */
function runGit(modules: Node, folder: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    modules.childProcess.execFile(
      "git",
      // A monitor set up for people must not be started by a program that only asks.
      ["-c", "core.fsmonitor=false", "-C", folder, ...args],
      // A git that asks for a lock or a password would disturb or hang the program it is asked from.
      {
        timeout: timeoutMs,
        maxBuffer: 16_000_000,
        env: { ...modules.process.env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
      },
      (error, stdout) => {
        resolve(error === null ? stdout.trim() : null);
      },
    );
  });
}
