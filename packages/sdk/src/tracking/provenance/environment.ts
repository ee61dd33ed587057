import { node } from "../platform/node.ts";
import { readGit } from "./git.ts";
import { readLockFile } from "./lock-file.ts";
import { describeSystem } from "./system.ts";

let described: Promise<Record<string, string>> | null = null;

/**
 * What this program is, as tags of a run: git commit, branch, changes and remote, the machine, and
 * the lock of its packages. Read once a process; in a browser only the runtime is known.
 */
export function describeEnvironment(): Promise<Record<string, string>> {
  described ??= describe();
  return described;
}

async function describe(): Promise<Record<string, string>> {
  const modules = node();
  if (modules === null) return describeBrowser();
  const folder = modules.process.cwd();
  const [git, lock] = await Promise.all([readGit(modules, folder), readLockFile(modules, folder)]);
  return {
    ...describeSystem(modules),
    ...(git === null
      ? {}
      : {
          "mlflow.source.git.commit": git.commit,
          ...(git.dirty === null ? {} : { "mlflow.source.git.dirty": String(git.dirty) }),
          ...(git.branch === null ? {} : { "mlflow.source.git.branch": git.branch }),
          ...(git.remote === null ? {} : { "mlflow.source.git.repoURL": git.remote }),
        }),
    ...(lock === null ? {} : { "packages.lock": lock.name, "packages.lock_sha256": lock.sha256 }),
  };
}

function describeBrowser(): Record<string, string> {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  return { "mlflow.source.type": "LOCAL", "system.runtime": navigator?.userAgent ?? "browser" };
}
