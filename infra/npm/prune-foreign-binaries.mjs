// Runs after every install. Some packages carry the binaries of every platform, or
// sources that only a build would need; what this machine cannot use is deleted, which
// saves about half of node_modules. Plain JavaScript for any Node: it runs before the
// pinned one is known to work. Set HEARTH_KEEP_FOREIGN_BINARIES=1 to keep everything.
import { existsSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const modules = resolve(fileURLToPath(import.meta.url), "../../../node_modules");
const { platform, arch } = process;

/** Children of `folder` (relative to node_modules) for which `keep` says no. */
function unwanted(folder, keep) {
  const path = join(modules, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => !keep(name))
    .map((name) => join(path, name));
}

function isLink(path) {
  try {
    return readlinkSync(path) !== "";
  } catch {
    return false;
  }
}

function doomed() {
  const runtime = "onnxruntime-node/bin/napi-v6";
  const llamaPlatform = { darwin: "mac", linux: "linux", win32: "win" }[platform];
  return [
    ...unwanted(runtime, (name) => name === platform),
    ...unwanted(`${runtime}/${platform}`, (name) => name === arch),
    ...unwanted(
      "better-sqlite3/prebuilds",
      (name) =>
        name.startsWith(platform === "linux" ? "linux" : `${platform}-`) && name.includes(`-${arch}.`),
    ),
    join(modules, "better-sqlite3/deps"),
    // Links are the stand-ins for variants that were left out: npm needs them.
    ...unwanted("@node-llama-cpp", (name) => name.startsWith(`${llamaPlatform}-${arch}`)).filter(
      (path) => !isLink(path),
    ),
    // llama.cpp's sources: Hearth only loads prebuilt libraries.
    join(modules, "node-llama-cpp/llama/gitRelease.bundle"),
    // The pinned Node's headers, manuals and own npm.
    ...unwanted(
      `node/node_modules/node-${platform}-${arch}`,
      (name) => name === "bin" || name === "package.json",
    ),
    join(modules, "protobufjs/cli"),
  ];
}

if (process.env.HEARTH_KEEP_FOREIGN_BINARIES !== "1") {
  for (const path of doomed()) rmSync(path, { recursive: true, force: true });
}
