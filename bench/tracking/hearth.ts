import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { residentBytes } from "../resident-memory.ts";
import { firstLine, startGroup, stopGroup } from "./child.ts";
import { fillRunsBeside } from "./fill-hearth.ts";
import type { Peer } from "./peer.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const launcher = join(checkout, "packages/hub/bin/hearth.js");
const announcement = z.object({ url: z.string() });

export interface HearthOptions {
  /** As it stands in the table. */
  name: string;
  /** Its home folder is made in this one. */
  folder: string;
  /** Without it, SQLite in the home folder. */
  databaseUrl?: string;
  /** Where CPU profiles of the hub go. */
  profile?: string | undefined;
}

/** A hub of its own on a free port, started as a person starts it. */
export async function startHearth({ name, folder, databaseUrl, profile }: HearthOptions): Promise<Peer> {
  const home = join(folder, name.replaceAll(/\W+/g, "-"));
  await mkdir(home, { recursive: true });
  const log = join(home, "bench.log");
  const profiling = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const child = startGroup({
    command: process.execPath,
    args: [...profiling, launcher, "serve", "--port", "0", "--home", home, "--json"],
    cwd: checkout,
    env: {
      ...process.env,
      HEARTH_BUNDLED_MODELS: "0",
      HEARTH_SPARE_ENGINE: "0",
      DATABASE_URL: databaseUrl,
    },
    log,
  });
  try {
    const { url } = announcement.parse(JSON.parse(await firstLine(child, log)));
    return {
      name,
      kind: "hearth",
      database: databaseUrl === undefined ? "sqlite" : "postgres",
      url,
      memory: () => residentBytes(child.pid ?? 0),
      fillFile:
        databaseUrl === undefined
          ? { runs: (experimentId, count) => fillRunsBeside(join(home, "hearth.db"), experimentId, count) }
          : {},
      [Symbol.asyncDispose]: () => stopGroup(child),
    };
  } catch (error) {
    await stopGroup(child);
    throw error;
  }
}
