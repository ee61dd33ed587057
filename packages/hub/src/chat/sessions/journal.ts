import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { readFile, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { namesIn } from "../../artifacts/fs/names.ts";
import { HearthError } from "../../errors.ts";

/** Which answer a journal is of, and what it had before. */
const journalHeader = z.object({
  sessionId: z.string(),
  answerId: z.string(),
  before: z.object({
    parts: z.array(z.looseObject({ type: z.string() })),
    metadata: z.unknown().optional(),
  }),
});
export type JournalHeader = z.infer<typeof journalHeader>;

const suffix = ".stream";

/**
 * The bytes of one answer as they were passed on. Each is handed to the system before anybody sees it, without waiting
 * for the disk: the end of this process loses nothing, a power failure the last second.
 */
export class Journal {
  readonly #path: string;
  #file: number | null;

  /** @throws HearthError `resource_exhausted` when nothing can be written; nothing is left behind then. */
  constructor(folder: string, name: string, header: JournalHeader) {
    this.#path = join(folder, `${name}${suffix}`);
    this.#file = null;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#file = openSync(this.#path, "wx", 0o600);
      this.append(Buffer.from(`${JSON.stringify(header)}\n`));
    } catch (error) {
      if (this.#file !== null) closeSync(this.#file);
      rmSync(this.#path, { force: true });
      throw new HearthError(
        "resource_exhausted",
        `An answer cannot be kept in ${folder} (${error instanceof Error ? error.message : String(error)}), and is not begun. Free some space on its disk, or mend the folder, and try again.`,
        { cause: error, details: { folder } },
      );
    }
  }

  append(bytes: Uint8Array): void {
    if (this.#file === null) return;
    for (let written = 0; written < bytes.length;) written += writeSync(this.#file, bytes, written);
  }

  /** When the database has it all. */
  async remove(): Promise<void> {
    if (this.#file === null) return;
    closeSync(this.#file);
    this.#file = null;
    // Unlike `rm`, it is one call, and none on this thread.
    await unlink(this.#path).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    });
  }
}

/** A journal that an earlier hub left. */
export interface LeftJournal {
  header: JournalHeader;
  bytes: Uint8Array;
  remove(): Promise<void>;
}

/** The journals in a folder; one whose header was not written whole belongs to an answer of which nothing was shown. */
export async function* leftJournals(folder: string): AsyncGenerator<LeftJournal, void, void> {
  for (const name of (await namesIn(folder)).filter((one) => one.endsWith(suffix)).toSorted()) {
    const path = join(folder, name);
    const remove = (): Promise<void> => rm(path, { force: true });
    const bytes = await readFile(path);
    const end = bytes.indexOf("\n");
    const header = end === -1 ? null : readHeader(bytes.subarray(0, end).toString("utf8"));
    if (header === null) await remove();
    else yield { header, bytes: bytes.subarray(end + 1), remove };
  }
}

function readHeader(line: string): JournalHeader | null {
  try {
    return journalHeader.parse(JSON.parse(line));
  } catch {
    // Cut off while it was written, before the first byte of the answer.
    return null;
  }
}
