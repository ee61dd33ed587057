import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { makeFolder } from "../artifacts/fs/durable.ts";
import { resolveInside } from "../artifacts/fs/paths.ts";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import { HearthError } from "../errors.ts";
import { askChild, type ChildRefusal } from "../process/ask-child.ts";
import { importedModel, importedSummary, type ImportCommand, type ImportedModel } from "./import-messages.ts";

/** A model that was checked and copied, but has no version yet. */
export interface ImportedFile extends ImportedModel {
  /** The folder of the copy; {@link ArtifactStore.place} gives it its final name. */
  incoming: string;
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
    return { incoming, source, ...(await ask(command, importedModel, options, signal)) };
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
  return await ask({ type: "describe", source }, importedSummary, options, signal);
}

async function ask<Answer extends z.ZodType>(
  command: ImportCommand,
  answer: Answer,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<z.output<Answer>> {
  const logs = join(options.artifacts.home, "logs");
  await makeFolder(logs);
  const { source: path } = command;
  return await askChild(
    {
      name: "the import process",
      module: options.childModule ?? new URL("./import-child.ts", import.meta.url),
      command,
      answer,
      memoryLimitBytes,
      logFile: join(logs, "import.log"),
      readyTimeoutMs,
      onRefused: (error) => refusal(path, error),
      onDeath: (how, { reason, signal: by, code: status }) =>
        new HearthError("model_load_failed", `${path} could not be read: ${how}.`, {
          details: { path, reason, signal: by, status },
        }),
    },
    signal,
  );
}

function refusal(path: string, error: ChildRefusal): HearthError {
  const details = { ...error.details, path, reason: error.code };
  if (error.code === "resource_exhausted")
    return new HearthError("resource_exhausted", error.message, { details });
  return new HearthError("model_load_failed", `${path} is not a model that can be loaded: ${error.message}`, {
    details,
  });
}
