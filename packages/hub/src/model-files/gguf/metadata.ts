import { ModelFileInvalid } from "../invalid.ts";
import type { GgufScalar, GgufValue } from "./format.ts";

function isList(value: GgufValue["value"]): value is readonly GgufScalar[] {
  return Array.isArray(value);
}

function described(entry: GgufValue): string {
  return isList(entry.value) ? `${entry.type} of ${entry.value.length}` : entry.type;
}

/**
 * The key/value section of a GGUF file. Each getter checks the type in the file: a key that is
 * missing or of another type throws {@link ModelFileInvalid}; the `optional…` variants give
 * undefined for a missing key and still refuse another type.
 */
export class GgufMetadata extends Map<string, GgufValue> {
  #require<T>(key: string, found: T | undefined): T {
    if (found === undefined) {
      throw new ModelFileInvalid(`The model file lacks the metadata key ${key}.`, {
        details: { key },
      });
    }
    return found;
  }

  #wrong(key: string, expected: string, entry: GgufValue): ModelFileInvalid {
    return new ModelFileInvalid(`The metadata key ${key} must be ${expected}; found ${described(entry)}.`, {
      details: { key, expected, found: entry.type },
    });
  }

  optionalString(key: string): string | undefined {
    const entry = this.get(key);
    if (entry === undefined) return undefined;
    if (typeof entry.value !== "string") throw this.#wrong(key, "a string", entry);
    return entry.value;
  }

  /** Any numeric scalar that a double holds exactly. */
  optionalNumber(key: string): number | undefined {
    const entry = this.get(key);
    if (entry === undefined) return undefined;
    if (typeof entry.value !== "number") throw this.#wrong(key, "a number below 2^53", entry);
    return entry.value;
  }

  optionalBool(key: string): boolean | undefined {
    const entry = this.get(key);
    if (entry === undefined) return undefined;
    if (typeof entry.value !== "boolean") throw this.#wrong(key, "a boolean", entry);
    return entry.value;
  }

  optionalStrings(key: string): readonly string[] | undefined {
    const entry = this.get(key);
    if (entry === undefined) return undefined;
    const { value } = entry;
    if (!isList(value) || !value.every((item) => typeof item === "string")) {
      throw this.#wrong(key, "a list of strings", entry);
    }
    return value;
  }

  optionalNumbers(key: string): readonly number[] | undefined {
    const entry = this.get(key);
    if (entry === undefined) return undefined;
    const { value } = entry;
    if (!isList(value) || !value.every((item) => typeof item === "number")) {
      throw this.#wrong(key, "a list of numbers below 2^53", entry);
    }
    return value;
  }

  string(key: string): string {
    return this.#require(key, this.optionalString(key));
  }

  number(key: string): number {
    return this.#require(key, this.optionalNumber(key));
  }

  bool(key: string): boolean {
    return this.#require(key, this.optionalBool(key));
  }

  strings(key: string): readonly string[] {
    return this.#require(key, this.optionalStrings(key));
  }

  numbers(key: string): readonly number[] {
    return this.#require(key, this.optionalNumbers(key));
  }
}
