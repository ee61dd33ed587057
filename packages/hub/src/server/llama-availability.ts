import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Why llama.cpp cannot run here, or null: whether its library for this machine is installed; it is not loaded. */
export function llamaLibraryProblem(
  platform: string = process.platform,
  arch: string = process.arch,
): string | null {
  const system = platform === "win32" ? "win" : platform === "darwin" ? "mac" : platform;
  const variant = system === "mac" && arch === "arm64" ? "-metal" : "";
  const folders = createRequire(import.meta.resolve("node-llama-cpp")).resolve.paths("@node-llama-cpp") ?? [];
  const installed = folders.some((folder) =>
    existsSync(join(folder, "@node-llama-cpp", `${system}-${arch}${variant}`)),
  );
  return installed ? null : `llama.cpp's library for ${system} on ${arch} is not installed.`;
}
