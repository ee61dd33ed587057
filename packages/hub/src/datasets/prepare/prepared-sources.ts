import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetDivision, DatasetMapping, DatasetSource } from "@hearth/wire/hub/datasets";
import { makeFolder } from "../../artifacts/fs/durable.ts";
import { HearthError } from "../../errors.ts";
import { askChild } from "../../process/ask-child.ts";
import { copyWhileReading, readFileBytes, type SplitSource } from "../ingest.ts";
import { DatasetInvalid } from "../invalid.ts";
import { preparedFiles, type PrepareCommand } from "./messages.ts";

/** A row group of half a gigabyte, its text and its rows as objects. */
const memoryLimitBytes = 4 * 2 ** 30;

export interface Preparation {
  mapping: DatasetMapping | null;
  division: DatasetDivision | null;
}

/** Sources that are JSONL by now, and what they were before. */
export interface PreparedSources {
  sources: readonly SplitSource[];
  origins: DatasetSource[];
}

/**
 * Copies sources to `folder` and lets a child process make JSONL files of them there.
 *
 * @throws HearthError `invalid_request`, DatasetInvalid with line or row (also when the child dies of a file),
 * `resource_exhausted`; the signal's reason.
 */
export async function prepareSources(
  given: readonly SplitSource[],
  { mapping, division }: Preparation,
  { folder, logs }: { folder: string; logs: string },
  signal: AbortSignal,
): Promise<PreparedSources> {
  if (division !== null && given.length > 1) {
    throw new HearthError(
      "invalid_request",
      `split divides one file; found ${given.map(({ name }) => name).join(", ")}. Leave split out, or register one file.`,
      { details: { field: "split", files: given.map(({ name }) => name) } },
    );
  }
  const origins: DatasetSource[] = [];
  const sources: PrepareCommand["sources"] = [];
  for (const [index, { split, name, format, bytes }] of given.entries()) {
    const path = join(folder, `source-${index}`);
    const copied = await copyWhileReading(bytes(), path, () => undefined, signal);
    origins.push({ file: name, format, ...copied });
    sources.push({ split, name, path, format });
  }
  const into = join(folder, "rows");
  await Promise.all([makeFolder(into), makeFolder(logs)]);
  const command: PrepareCommand = { into, sources, mapping, division };
  const { files } = await askChild(
    {
      name: "the process that reads datasets",
      module: new URL("./child.ts", import.meta.url),
      execArgv: [`--max-old-space-size=${Math.floor(memoryLimitBytes / 2 ** 20) - 512}`],
      command,
      answer: preparedFiles,
      memoryLimitBytes,
      logFile: join(logs, "datasets.log"),
      onDeath: (how) =>
        new DatasetInvalid({
          file: given.map(({ name }) => name).join(", "),
          found: `what made the reading end (${how})`,
          expected: "a file that can be read in 4 GB of memory",
        }),
    },
    signal,
  );
  await Promise.all(sources.map(({ path }) => rm(path)));
  return {
    origins,
    sources: files.map(({ split, path }) => ({
      split,
      name: given.find((source) => source.split === split)?.name ?? `${split}.jsonl`,
      format: "jsonl",
      bytes: () => readFileBytes(path),
    })),
  };
}
