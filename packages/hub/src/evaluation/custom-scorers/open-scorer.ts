import { createHash } from "node:crypto";
import { readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { resolveInside } from "../../artifacts/fs/paths.ts";
import { HearthError } from "../../errors.ts";
import type { CustomScorer } from "./custom-scorer.ts";
import { ScorerProcess, type ScorerLimits } from "./scorer-process.ts";

export interface ScorerSurroundings {
  /** Folders that a scorer may be read from. */
  dataPaths: readonly string[];
  /** A new private folder. */
  scratch: () => Promise<string>;
  /** What scorers print goes here. */
  logFile: string;
  /** Where running children are written down. */
  recordsFolder: string;
  limits?: Partial<ScorerLimits>;
}

const mostBytes = 262_144;
const extensions = [".ts", ".mts", ".js", ".mjs"];
/** Also the name of a metric, so none of those that the hub measures itself. */
const scorerName = /^[a-z]\w{0,63}$/i;
const taken =
  /^(accuracy|exact_match|token_f1|json_valid|json_schema_valid|loss|perplexity|invalid_rate|refused_rate|macro_f1|(ttft|latency)(_p95)?_ms)$/;

/**
 * Opens a scorer: reads its file once, starts a process for it, and has it loaded there. What runs is the source whose
 * checksum is told: a copy alone in a folder, so that a scorer is one file and imports nothing but Node's own modules
 * and types.
 *
 * @throws HearthError `path_not_allowed`, `not_found`, `invalid_request` with the reason that it cannot be used for
 */
export async function openScorer(path: string, surroundings: ScorerSurroundings): Promise<CustomScorer> {
  const real = await resolveInside(path, surroundings.dataPaths);
  const refuse = (why: string): HearthError =>
    new HearthError("invalid_request", `scorer_files: ${path} cannot be used as a scorer: ${why}`, {
      details: { field: "scorer_files", value: path },
    });
  if (!extensions.includes(extname(real))) throw refuse(`its name must end in ${extensions.join(", ")}`);
  const stats = await stat(real);
  if (!stats.isFile() || stats.size > mostBytes)
    throw refuse(`it must be a file of at most ${mostBytes / 1024} KiB`);
  const source = await readFile(real, "utf8");
  // Node resolves links before it asks whether a file may be read.
  const folder = await realpath(await surroundings.scratch());
  try {
    const copy = join(folder, real.endsWith("ts") ? "scorer.mts" : "scorer.mjs");
    await writeFile(copy, source, { mode: 0o400 });
    const running = new ScorerProcess({ ...surroundings, copy, folder });
    try {
      const name = await running.load();
      if (typeof name !== "string" || !scorerName.test(name))
        throw refuse('it must export its "name": a text of letters, digits and _ that begins with a letter');
      if (taken.test(name)) throw refuse(`its name "${name}" is a metric of the hub's own; choose another`);
      return {
        name,
        path: real,
        sha256: createHash("sha256").update(source).digest("hex"),
        source,
        score: (input, signal) => running.score(name, input, signal),
        async [Symbol.asyncDispose]() {
          await running[Symbol.asyncDispose]();
          await rm(folder, { recursive: true, force: true });
        },
      };
    } catch (error) {
      await running[Symbol.asyncDispose]();
      throw error instanceof HearthError && error.code === "unavailable" ? refuse(error.message) : error;
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
