// `npm install` leaves optional packages of other platforms out of the lock file when the
// registry in use does not carry them, and `npm ci` then refuses to work (or skips the
// platform's library). This adds an entry with the exact version and platform for each.
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));

const systems = { mac: "darwin", linux: "linux", win: "win32" };

for (const [owner, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] || lock.packages[`${owner}/${place}`]) continue;
    const found = /^@node-llama-cpp\/(mac|linux|win)-(arm64|x64)(-metal)?$/.exec(name);
    if (!found)
      throw new Error(
        `${owner} wants ${name}@${version}, which the lock lacks; teach infra/npm/complete-lock.mjs its platform`,
      );
    lock.packages[place] = {
      version,
      license: "MIT",
      optional: true,
      os: [systems[found[1]]],
      cpu: [found[2]],
    };
    console.log(`added ${name}@${version}`);
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
