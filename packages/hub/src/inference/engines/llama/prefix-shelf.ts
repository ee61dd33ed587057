import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { sharedBeginning } from "./shared-beginning.ts";

/** Beside the file with the state: what it holds, and how to tell whether it is whole. */
const label = z.strictObject({
  tokens: z.array(z.int().nonnegative()).min(1),
  bytes: z.int().positive(),
  /** Of the state's file, in hexadecimal. */
  sha256: z.string().length(64),
});

export interface StoredPrefix extends z.infer<typeof label> {
  /** Name of its files, without an ending. */
  name: string;
}

export const stateEnding = ".state";
const labelEnding = ".json";
const partialEnding = ".part";

/** Whatever changes a key/value cache that is not its tokens. */
export interface PrefixIdentity {
  base: string;
  /** Null: the base alone. */
  adapter: string | null;
  kvCacheType: string;
  /** Name and version of the engine's library. */
  library: string;
}

/**
 * Beginnings of prompts with their computed state, on disk: those of one model, one adapter, one
 * type of cache, and one version of the library. A file that is not what its label says is deleted;
 * which tokens it holds is compared one by one.
 */
export class PrefixShelf {
  readonly #folder: string;
  readonly #prefixes: Map<string, StoredPrefix>;

  private constructor(folder: string, prefixes: Map<string, StoredPrefix>) {
    this.#folder = folder;
    this.#prefixes = prefixes;
  }

  /** Finds what an earlier process left there. */
  static async open(root: string, identity: PrefixIdentity): Promise<PrefixShelf> {
    const { base, adapter, kvCacheType, library } = identity;
    const key = hash(JSON.stringify([base, adapter, kvCacheType, library]));
    const folder = join(root, key.slice(0, 32));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const prefixes = new Map<string, StoredPrefix>();
    for (const file of await readdir(folder)) {
      if (!file.endsWith(labelEnding)) continue;
      const name = file.slice(0, -labelEnding.length);
      const found = await readLabel(folder, name);
      if (found === null) await remove(folder, name);
      else prefixes.set(name, found);
    }
    return new PrefixShelf(folder, prefixes);
  }

  get size(): number {
    return this.#prefixes.size;
  }

  /**
   * The stored prefix that shares most with the prompt, and how many tokens that are. `whole`: only
   * one that the prompt begins with all of.
   */
  longest(prompt: readonly number[], whole: boolean): { prefix: StoredPrefix; shared: number } | null {
    let best: { prefix: StoredPrefix; shared: number } | null = null;
    for (const prefix of this.#prefixes.values()) {
      const shared = sharedBeginning(prefix.tokens, prompt);
      if (whole && shared < prefix.tokens.length) continue;
      if (shared > (best?.shared ?? 0)) best = { prefix, shared };
    }
    return best;
  }

  /**
   * Stores a prefix, unless a longer one holds it; gives how many bytes it takes. `write` puts the
   * state into a file. One that it holds itself is given up for it.
   */
  async keep(tokens: readonly number[], write: (path: string) => Promise<void>): Promise<number> {
    const begins = [...this.#prefixes.values()].map((prefix) => ({
      prefix,
      shared: sharedBeginning(prefix.tokens, tokens),
    }));
    const longer = begins.find(({ shared }) => shared === tokens.length);
    if (longer !== undefined) {
      await touch(this.#folder, longer.prefix.name);
      return 0;
    }
    const name = hash(tokens.join()).slice(0, 32);
    const path = join(this.#folder, name);
    const partial = `${path}.${process.pid}${partialEnding}`;
    try {
      await write(partial);
      const { size: bytes } = await stat(partial);
      const prefix = { tokens: [...tokens], bytes, sha256: await hashOfFile(partial) };
      await rename(partial, `${path}${stateEnding}`);
      await writeFile(partial, JSON.stringify(prefix), { mode: 0o600 });
      await rename(partial, `${path}${labelEnding}`);
      this.#prefixes.set(name, { name, ...prefix });
      for (const { prefix: held, shared } of begins) {
        if (shared === held.tokens.length) await this.#giveUp(held);
      }
      return bytes;
    } finally {
      await rm(partial, { force: true });
    }
  }

  /** Has `read` take in a stored state; false, and the prefix is gone, when it is damaged or `read` says so. */
  async take(prefix: StoredPrefix, read: (path: string) => Promise<boolean>): Promise<boolean> {
    const path = join(this.#folder, `${prefix.name}${stateEnding}`);
    try {
      const whole = (await hashOfFile(path)) === prefix.sha256;
      if (whole && (await read(path))) {
        await touch(this.#folder, prefix.name);
        return true;
      }
    } catch {
      // A file that is gone, or that the library refuses, is no use either.
    }
    await this.#giveUp(prefix);
    return false;
  }

  async #giveUp({ name }: StoredPrefix): Promise<void> {
    this.#prefixes.delete(name);
    await remove(this.#folder, name);
  }
}

async function readLabel(folder: string, name: string): Promise<StoredPrefix | null> {
  try {
    const found = label.parse(JSON.parse(await readFile(join(folder, `${name}${labelEnding}`), "utf8")));
    const { size } = await stat(join(folder, `${name}${stateEnding}`));
    return size === found.bytes ? { name, ...found } : null;
  } catch {
    return null;
  }
}

async function remove(folder: string, name: string): Promise<void> {
  // The label first: a state without one is nothing.
  for (const ending of [labelEnding, stateEnding])
    await rm(join(folder, `${name}${ending}`), { force: true });
}

/** Marks a prefix as used now. */
async function touch(folder: string, name: string): Promise<void> {
  const now = new Date();
  await utimes(join(folder, `${name}${stateEnding}`), now, now).catch(() => undefined);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function hashOfFile(path: string): Promise<string> {
  const sum = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), sum);
  return sum.digest("hex");
}
