import { HearthError } from "../errors.ts";

/** The code a driver puts on its errors: `SQLITE_…` or PostgreSQL's five-character SQLSTATE. */
function driverCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** True when a row was refused because another row has the same key. */
export function isUniqueViolation(error: unknown): boolean {
  const code = driverCode(error);
  return code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY" || code === "23505";
}

/** True when a row was refused because a row it names is missing, or because others still name it. */
export function isForeignKeyViolation(error: unknown): boolean {
  const code = driverCode(error);
  return code === "SQLITE_CONSTRAINT_FOREIGNKEY" || code === "SQLITE_CONSTRAINT_TRIGGER" || code === "23503";
}

const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "57P01",
  "57P02",
  "57P03",
  "53300",
]);

/** How pg's own errors of a lost connection begin; it gives them no code. */
const lostConnection = [
  "timeout exceeded when trying to connect",
  "Connection terminated",
  "Client has encountered a connection error",
  "Client was closed and is not queryable",
];

/**
 * Gives the failures that are not a mistake in a query their own type: a full disk
 * (`resource_exhausted`), a database that cannot be reached or is locked (`unavailable`),
 * a file that is no database (`configuration_invalid`), and text or a pattern that PostgreSQL cannot take (`invalid_request`). Anything else comes back as it is.
 */
export function translateDriverError(error: unknown, where: string): unknown {
  const code = driverCode(error);
  const words = error instanceof Error ? error.message : String(error);
  if (code === "SQLITE_FULL" || code === "53100" || code === "ENOSPC") {
    return new HearthError(
      "resource_exhausted",
      `The disk of the database ${where} is full (${words}). Free some space; nothing of this write was kept.`,
      { cause: error, details: { database: where } },
    );
  }
  if (code === "SQLITE_BUSY" || code?.startsWith("SQLITE_BUSY_") === true) {
    return new HearthError(
      "unavailable",
      `The database ${where} is locked by another program (${words}). Close that program and try again.`,
      { cause: error, details: { database: where } },
    );
  }
  if (
    code === "SQLITE_NOTADB" ||
    code?.startsWith("SQLITE_CORRUPT") === true ||
    code?.startsWith("SQLITE_CANTOPEN") === true
  ) {
    return new HearthError(
      "configuration_invalid",
      `The database ${where} cannot be opened (${words}). Restore it from a backup, or move it away to start with an empty one.`,
      { cause: error, details: { database: where } },
    );
  }
  const lost = code === undefined && lostConnection.some((beginning) => words.startsWith(beginning));
  if (lost || (code !== undefined && (unreachable.has(code) || code.startsWith("08")))) {
    return new HearthError(
      "unavailable",
      `The database ${where} cannot be reached (${words}). Check that it runs and that DATABASE_URL is right.`,
      { cause: error, details: { database: where } },
    );
  }
  if (code === "22021" || code === "22P05") {
    return new HearthError(
      "invalid_request",
      `PostgreSQL cannot store the character U+0000, which a text of this request has (${words}). Send the text without it.`,
      { cause: error },
    );
  }
  if (code === "2201B") {
    return new HearthError(
      "invalid_request",
      `PostgreSQL cannot use this regular expression (${words}). Write a simpler one, with fewer repetitions inside of repetitions.`,
      { cause: error },
    );
  }
  if (code === "28P01" || code === "28000" || code === "3D000") {
    return new HearthError(
      "configuration_invalid",
      `The database ${where} refused the connection: ${words}. Check DATABASE_URL.`,
      {
        cause: error,
        details: { database: where },
      },
    );
  }
  return error;
}
