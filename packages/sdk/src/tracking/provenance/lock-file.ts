import type { Node } from "../platform/node.ts";

export interface LockFile {
  name: string;
  /** Of its bytes, 64 hexadecimal digits. */
  sha256: string;
}

const names = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];

/** The nearest lock of installed packages, in a folder or above it; null when there is none. */
export async function readLockFile(modules: Node, folder: string): Promise<LockFile | null> {
  const { path, fs, crypto } = modules;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    for (const name of names) {
      let bytes: Uint8Array;
      try {
        bytes = await fs.promises.readFile(path.join(at, name));
      } catch {
        // Not here, or not ours to read: the next name.
        continue;
      }
      return { name, sha256: crypto.createHash("sha256").update(bytes).digest("hex") };
    }
    if (path.dirname(at) === at) return null;
  }
}
