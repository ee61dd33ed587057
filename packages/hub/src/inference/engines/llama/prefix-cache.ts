import type { LlamaContextSequence } from "node-llama-cpp";
import { limitPrefixes } from "./prefix-room.ts";
import { PrefixShelf } from "./prefix-shelf.ts";
import type { PrefixIdentity, StoredPrefix } from "./prefix-shelf.ts";

/** A shorter beginning is computed about as fast as it is read. */
export const smallestStored = 256;

/** An engine that is unloaded may take so long to store what its slots hold. */
export const storeMs = 2000;

export interface PrefixCacheOptions {
  folder: string;
  /** For all models together. */
  maxBytes: number;
}

/** Beginnings of one context's prompts that outlive their slots and the process. Its failures cost time and nothing else. */
export class PrefixCache {
  readonly #options: PrefixCacheOptions;
  readonly #shelf: PrefixShelf;

  private constructor(options: PrefixCacheOptions, shelf: PrefixShelf) {
    this.#options = options;
    this.#shelf = shelf;
  }

  /** Null where the folder cannot be used. */
  static async open(options: PrefixCacheOptions, identity: PrefixIdentity): Promise<PrefixCache | null> {
    try {
      return new PrefixCache(options, await PrefixShelf.open(options.folder, identity));
    } catch (error) {
      complain("The folder for prompts that were computed cannot be used", error);
      return null;
    }
  }

  /** See {@link PrefixShelf.longest}. */
  longest(prompt: readonly number[], whole: boolean): { prefix: StoredPrefix; shared: number } | null {
    return this.#shelf.longest(prompt, whole);
  }

  /** Stores all that a sequence holds. */
  async keep(sequence: LlamaContextSequence): Promise<void> {
    try {
      const written = await this.#shelf.keep(sequence.contextTokens, async (path) => {
        await sequence.saveStateToFile(path);
      });
      if (written > 0) await limitPrefixes(this.#options.folder, this.#options.maxBytes);
    } catch (error) {
      complain("A computed prompt could not be stored", error);
    }
  }

  /** Fills a sequence; false, and the sequence is empty, when the stored state was of no use. */
  async take(prefix: StoredPrefix, sequence: LlamaContextSequence): Promise<boolean> {
    return await this.#shelf.take(prefix, async (path) => {
      // Safe: the file's checksum is the one that it was written with, by this version of the library.
      await sequence.loadStateFromFile(path, { acceptRisk: true });
      const { contextTokens } = sequence;
      const same =
        contextTokens.length === prefix.tokens.length &&
        contextTokens.every((token, index) => token === prefix.tokens[index]);
      if (!same) await sequence.clearHistory();
      return same;
    });
  }
}

/** Into the engine's log. */
function complain(what: string, error: unknown): void {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : String(error)}\n`);
}
