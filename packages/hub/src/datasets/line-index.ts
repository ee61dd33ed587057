import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { fileErrorCode, translateWriteError } from "../artifacts/fs/errors.ts";

/** Lines between two marks: so many are passed over at most to get to any line. */
const every = 1_000;
const lineFeed = 0x0a;
/** Files whose marks are kept in memory; of a million lines they take some kilobytes. */
const kept = 64;

const storedIndex = z.object({ every: z.literal(every), offsets: z.array(z.int().min(0)).min(1) });

/** Where a line begins. */
export interface LineMark {
  /** Counted from 0. */
  line: number;
  /** Bytes from the beginning of the file. */
  offset: number;
}

/** Where every thousandth line of a file begins, so that a row far down is read without those before it. */
export class LineIndex {
  readonly #offsets: number[];
  #lines = 0;
  #bytes = 0;

  constructor(offsets: readonly number[] = [0]) {
    this.#offsets = [...offsets];
  }

  /** Takes the next bytes of the file, from its beginning to its end. */
  push(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) {
      this.#lines += 1;
      if (this.#lines % every === 0) this.#offsets.push(this.#bytes + at + 1);
    }
    this.#bytes += chunk.length;
  }

  /** The last mark at or before a line. */
  before(line: number): LineMark {
    const mark = Math.min(Math.floor(line / every), this.#offsets.length - 1);
    return { line: mark * every, offset: this.#offsets[mark] ?? 0 };
  }

  /** @throws HearthError `resource_exhausted` on a full disk */
  async write(path: string): Promise<void> {
    try {
      await writeFile(path, JSON.stringify({ every, offsets: this.#offsets }), { mode: 0o444, flag: "wx" });
    } catch (error) {
      throw translateWriteError(error, path);
    }
  }
}

/** The file of a split's index, beside the split's own. */
export function indexPath(path: string): string {
  return `${path}.lines`;
}

export interface IndexedFile {
  path: string;
  sha256: string;
}

/** Indices of stored files by their checksums: from beside the file, else by reading the file once. */
export class LineIndices {
  readonly #indices = new Map<string, Promise<LineIndex>>();
  readonly #readBytes: (path: string) => AsyncIterable<Uint8Array>;

  constructor(readBytes: (path: string) => AsyncIterable<Uint8Array>) {
    this.#readBytes = readBytes;
  }

  /** Where to begin reading for a row. A stored dataset has no empty line but at its end: row and line are one. */
  async before(file: IndexedFile, row: number): Promise<LineMark> {
    if (row < every) return { line: 0, offset: 0 };
    return (await this.#index(file)).before(row);
  }

  #index({ path, sha256 }: IndexedFile): Promise<LineIndex> {
    const known = this.#indices.get(sha256);
    const index = known ?? this.#load(path);
    // The one that was used last is the last to go.
    this.#indices.delete(sha256);
    this.#indices.set(sha256, index);
    const [oldest] = this.#indices.keys();
    if (this.#indices.size > kept && oldest !== undefined) this.#indices.delete(oldest);
    if (known === undefined) index.catch(() => this.#indices.delete(sha256));
    return index;
  }

  async #load(path: string): Promise<LineIndex> {
    const stored = await readStored(indexPath(path));
    if (stored !== null) return stored;
    // Registered before there were indices, or its index was damaged.
    const index = new LineIndex();
    for await (const chunk of this.#readBytes(path)) index.push(chunk);
    return index;
  }
}

async function readStored(path: string): Promise<LineIndex | null> {
  try {
    return new LineIndex(storedIndex.parse(JSON.parse(await readFile(path, "utf8"))).offsets);
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT" || error instanceof SyntaxError || error instanceof z.ZodError)
      return null;
    throw error;
  }
}
