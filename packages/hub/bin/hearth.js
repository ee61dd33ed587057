#!/usr/bin/env node
// Plain JavaScript on purpose: any Node can read it. It hands over to the pinned Node
// when the one that runs it is too old for TypeScript sources.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_MAJOR = 24;
const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const entry = join(here, "..", "src", "bin.ts");

if (Number(process.versions.node.split(".")[0]) >= OLDEST_MAJOR) {
  await import(entry);
} else {
  const pinned = join(here, "..", "..", "..", "node_modules", "node", "bin", "node");
  if (!existsSync(pinned)) {
    console.error(
      `hearth needs Node ${OLDEST_MAJOR}, this is ${process.version}, and the pinned one is not installed: run \`npm ci\` in the checkout.`,
    );
    process.exit(78);
  }
  const child = spawn(pinned, [entry, ...process.argv.slice(2)], { stdio: "inherit" });
  // The terminal sends Ctrl-C to the whole group; a signal to this process alone is passed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => signal === "SIGINT" || child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
