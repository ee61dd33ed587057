/**
 * Node's modules without an import, so that a browser, which loads the same files, never asks for
 * them. `process.getBuiltinModule` is of Node 20.16 and 22.3; Bun and Deno have it too.
 */
function load() {
  const { process } = globalThis as { process?: NodeJS.Process };
  if (typeof process?.getBuiltinModule !== "function" || process.versions?.node === undefined) return null;
  return {
    process,
    asyncHooks: process.getBuiltinModule("node:async_hooks"),
    childProcess: process.getBuiltinModule("node:child_process"),
    crypto: process.getBuiltinModule("node:crypto"),
    fs: process.getBuiltinModule("node:fs"),
    http: process.getBuiltinModule("node:http"),
    https: process.getBuiltinModule("node:https"),
    os: process.getBuiltinModule("node:os"),
    path: process.getBuiltinModule("node:path"),
    stream: process.getBuiltinModule("node:stream"),
    streamPromises: process.getBuiltinModule("node:stream/promises"),
    url: process.getBuiltinModule("node:url"),
  };
}

export type Node = NonNullable<ReturnType<typeof load>>;

const loaded = load();

/** Node's modules; null in a browser. */
export function node(): Node | null {
  return loaded;
}

/** An environment variable that is set and not empty. */
export function environmentVariable(name: string): string | undefined {
  const value = loaded?.process.env[name];
  return value === "" ? undefined : value;
}
