import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const patienceMs = 5_000;
/** Under this name keys lie in the system's keyring. */
const service = "hearth";

/** A named key: there, or not, and where it belongs in the words of a person. */
export interface FoundKey {
  key: string | null;
  place: string;
}

/** Finds what `${NAME}` or `keyring:NAME` stands for. Never throws: a keyring that cannot be read has no keys. */
export async function findKey(
  source: string,
  environment: (name: string) => string | undefined,
): Promise<FoundKey> {
  const variable = /^\$\{(.+)\}$/.exec(source)?.[1];
  if (variable !== undefined) {
    const key = environment(variable);
    return { key: key === undefined || key === "" ? null : key, place: variable };
  }
  const name = source.replace(/^keyring:/, "");
  return { key: await readKeyring(name), place: `the key "${name}" of the keyring's service "${service}"` };
}

/** By the system's own tools: libsecret's on Linux, the keychain's on macOS. */
async function readKeyring(name: string): Promise<string | null> {
  const ask: Partial<Record<NodeJS.Platform, [string, string[]]>> = {
    linux: ["secret-tool", ["lookup", "service", service, "account", name]],
    darwin: ["security", ["find-generic-password", "-s", service, "-a", name, "-w"]],
  };
  const command = ask[process.platform];
  if (command === undefined) return null;
  try {
    const { stdout } = await run(command[0], command[1], { timeout: patienceMs });
    const key = stdout.replace(/\r?\n$/, "");
    return key === "" ? null : key;
  } catch {
    // No such tool, no such key, or a keyring that is locked: in each case there is no key.
    return null;
  }
}
