import { HearthError } from "../../errors.ts";

/** The `errno` name of a file system error (`ENOENT`, `ENOSPC`, …). */
export function fileErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * A full disk or an exhausted quota becomes `resource_exhausted`, a file system without write
 * permission `configuration_invalid`; anything else comes back as it is.
 */
export function translateWriteError(error: unknown, path: string): unknown {
  const code = fileErrorCode(error);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new HearthError(
      "resource_exhausted",
      `The disk is full: writing ${path} failed (${code}). Free some space and try again; nothing half-written was kept.`,
      { cause: error, details: { path, reason: code } },
    );
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new HearthError(
      "configuration_invalid",
      `Hearth may not write to ${path} (${code}). Make the folder writable for this user, or set HEARTH_HOME to another.`,
      { cause: error, details: { path, reason: code } },
    );
  }
  return error;
}
