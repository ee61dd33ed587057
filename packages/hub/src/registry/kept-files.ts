import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ModelVersion, VersionFiles, VersionVerification } from "@hearth/wire/hub/models";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { hashFile } from "../artifacts/fs/hash.ts";
import { HearthError } from "../errors.ts";

type KeptVersion = Pick<ModelVersion, "model" | "version" | "artifact_path" | "checksums">;

/** The files of a version with their sizes; empty where the hub keeps none. */
export async function filesOf(version: KeptVersion): Promise<VersionFiles["items"]> {
  return await Promise.all(
    registeredFiles(version).map(async ({ file, sha256, path }) => {
      // What is missing or closed to the hub is told by `verifyFiles`.
      const bytes = await stat(path).then(
        ({ size }) => size,
        () => null,
      );
      return { file, sha256, bytes };
    }),
  );
}

/**
 * Hashes the files of a version again and compares with what was registered.
 *
 * @throws HearthError `conflict` where the hub keeps no file of it; the signal's reason
 */
export async function verifyFiles(version: KeptVersion, signal: AbortSignal): Promise<VersionVerification> {
  const files = registeredFiles(version);
  if (files.length === 0) {
    const name = `${version.model}:${version.version}`;
    throw new HearthError(
      "conflict",
      `The hub keeps no file of ${name}: there is nothing to verify. Verify what it was registered from.`,
      { details: { model: version.model, version: version.version } },
    );
  }
  const problems: string[] = [];
  for (const { file, sha256, path } of files) {
    try {
      const found = await hashFile(path, signal);
      if (found !== sha256)
        problems.push(`${file} has changed: its sha256 is ${found}, registered was ${sha256}.`);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${file} cannot be read (${fileErrorCode(error) ?? String(error)}).`);
    }
  }
  return { ok: problems.length === 0, files: files.length, problems };
}

function registeredFiles({ artifact_path: artifact, checksums }: KeptVersion) {
  if (artifact === null) return [];
  return Object.entries(checksums).map(([file, sha256]) => ({
    file,
    sha256,
    path: join(dirname(artifact), file),
  }));
}
