import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { makeFolder } from "../artifacts/fs/durable.ts";
import { resolveInside } from "../artifacts/fs/paths.ts";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import { HearthError } from "../errors.ts";
import { describeExit } from "../process/exit.ts";
import { superviseChild } from "../process/supervisor.ts";
import {
  importEvent,
  type ImportCommand,
  type ImportEvent,
  type importedSummary,
} from "./import-messages.ts";

/** A model that was checked and copied, but has no version yet. */
export interface ImportedFile {
  /** The folder of the copy; {@link ArtifactStore.place} gives it its final name. */
  incoming: string;
  /** Of what the engine loads: a file or a folder. */
  fileName: string;
  /** Of the file; of a folder, of the list of its files and their checksums. */
  sha256: string;
  /** File name relative to `incoming` → sha256. */
  checksums: Record<string, string>;
  summary: z.infer<typeof importedSummary>;
  /** The real path of the source. */
  source: string;
}

export interface ImportOptions {
  artifacts: ArtifactStore;
  /** Folders that a model file may come from. */
  dataPaths: readonly string[];
  /** The module of the process that reads the file. */
  childModule?: URL;
}

/** A header is at most some 100 MB; copying and hashing need a few MB. */
const memoryLimitBytes = 2 * 2 ** 30;
const readyTimeoutMs = 30_000;

/**
 * Checks a GGUF file, or a folder as MLX reads it, and copies it, in a child process: this process never opens it.
 * Nothing is left behind when it fails.
 *
 * @throws HearthError `path_not_allowed`, `not_found`, `model_load_failed` with the reason (also when
 * the child dies of the file), `resource_exhausted` on a full disk; the signal's reason when aborted.
 */
export async function importModelFile(
  path: string,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<ImportedFile> {
  signal.throwIfAborted();
  const source = await resolveInside(path, options.dataPaths);
  const incoming = await options.artifacts.createIncoming();
  try {
    const command: ImportCommand = { type: "import", source, into: incoming };
    const { fileName, sha256, checksums, summary } = await runChild(command, "imported", options, signal);
    return { incoming, fileName, sha256, checksums, summary, source };
  } catch (error) {
    await rm(incoming, { recursive: true, force: true });
    throw error;
  }
}

/**
 * What a model file says of itself, read in a child process and not copied.
 *
 * @throws HearthError as {@link importModelFile}.
 */
export async function describeModelFile(
  path: string,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<ImportedFile["summary"]> {
  signal.throwIfAborted();
  const source = await resolveInside(path, options.dataPaths);
  return (await runChild({ type: "describe", source }, "described", options, signal)).summary;
}

async function runChild<Type extends "imported" | "described">(
  command: ImportCommand,
  expected: Type,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<Extract<ImportEvent, { type: Type }>> {
  const logs = join(options.artifacts.home, "logs");
  await makeFolder(logs);
  let answer: Exclude<ImportEvent, { type: "ready" }> | undefined;
  const child = superviseChild({
    name: "the import process",
    module: options.childModule ?? new URL("./import-child.ts", import.meta.url),
    logFile: join(logs, "import.log"),
    memoryLimitBytes,
    readyTimeoutMs,
    onMessage: (message) => {
      const event = importEvent.safeParse(message);
      if (event.success && event.data.type !== "ready") answer = event.data;
    },
  });
  const abort = () => void child.kill();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await child.ready;
    await child.send(command);
    const exit = await child.exited;
    signal.throwIfAborted();
    if (answer === undefined) {
      throw new HearthError(
        "model_load_failed",
        `${command.source} could not be read: ${describeExit("the import process", exit)}.`,
        {
          details: { path: command.source, reason: exit.reason, signal: exit.signal, status: exit.code },
        },
      );
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    await child.kill();
  }
  if (answer.type === "refused") throw refusal(command.source, answer.error);
  if (answer.type !== expected)
    throw new HearthError("internal", "the import process answered something else");
  return answer as Extract<ImportEvent, { type: Type }>;
}

function refusal(path: string, error: Extract<ImportEvent, { type: "refused" }>["error"]): HearthError {
  const details = { ...error.details, path, reason: error.code };
  if (error.code === "resource_exhausted")
    return new HearthError("resource_exhausted", error.message, { details });
  return new HearthError("model_load_failed", `${path} is not a model that can be loaded: ${error.message}`, {
    details,
  });
}
