import { join } from "node:path";
import { fileDifference, type ComparedFile, type FileDifference } from "@hearth/wire/hub/reproduction";
import { fileErrorCode } from "../../artifacts/fs/errors.ts";
import { hashFile } from "../../artifacts/fs/hash.ts";
import { HearthError } from "../../errors.ts";
import { askChild } from "../../process/ask-child.ts";
import type { CompareCommand } from "./compare-messages.ts";

/** A slice of numbers of each file, and a header. */
const memoryLimitBytes = 2 * 2 ** 30;

export interface FilesToCompare {
  /** The version's folder; null: it has none. */
  kept: string | null;
  /** Of the version's files, as they were registered: name → sha256. */
  registered: Readonly<Record<string, string>>;
  /** The repetition's folder, and its files by checksum. */
  made: string;
  checksums: Readonly<Record<string, string>>;
  /** Loaded by the engine: what differs in it is told first. */
  engineFile: string;
  /** Where the comparing process writes its log. */
  logFile: string;
}

/** Every file of a version beside the repetition's, as they lie on the disk now. */
export async function compareChecksums(
  { kept, registered, checksums, engineFile }: FilesToCompare,
  signal: AbortSignal,
): Promise<ComparedFile[]> {
  const names = new Set([engineFile, ...Object.keys(registered), ...Object.keys(checksums)]);
  const files: ComparedFile[] = [];
  for (const file of names) {
    const there = kept !== null && Object.hasOwn(registered, file);
    const expected = there ? await hashOrNull(join(kept, file), signal) : null;
    files.push({ file, expected_sha256: expected, actual_sha256: checksums[file] ?? null });
  }
  return files;
}

/** Where the first file that is not the same begins to differ; null when all are. @throws HearthError, the signal's reason */
export async function firstDifference(
  files: readonly ComparedFile[],
  options: FilesToCompare,
  signal: AbortSignal,
): Promise<FileDifference | null> {
  const differing = files.find((one) => one.expected_sha256 !== one.actual_sha256);
  if (differing === undefined) return null;
  const { file, expected_sha256, actual_sha256 } = differing;
  if (expected_sha256 === null || actual_sha256 === null || options.kept === null) {
    return {
      file,
      kind: "missing",
      name: null,
      index: null,
      offset: null,
      expected: expected_sha256,
      actual: actual_sha256,
      differing: null,
      elements: null,
      largest: null,
    };
  }
  const command: CompareCommand = {
    file,
    expected: join(options.kept, file),
    actual: join(options.made, file),
  };
  return compareInChild(command, options.logFile, signal);
}

async function hashOrNull(path: string, signal: AbortSignal): Promise<string | null> {
  try {
    return await hashFile(path, signal);
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** This process opens no model file: one that was altered may be anything. */
function compareInChild(
  command: CompareCommand,
  logFile: string,
  signal: AbortSignal,
): Promise<FileDifference | null> {
  const { file } = command;
  const notFound = (why: string): HearthError =>
    new HearthError("internal", `${file} differs, and where was not found: ${why}`, { details: { file } });
  return askChild(
    {
      name: "the comparing process",
      module: new URL("./compare-child.ts", import.meta.url),
      command,
      answer: fileDifference.nullable(),
      memoryLimitBytes,
      logFile,
      onRefused: ({ message }) => notFound(message),
      onDeath: notFound,
    },
    signal,
  );
}
