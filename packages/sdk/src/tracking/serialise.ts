/** What JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface SerialiseOptions {
  /** Nested deeper, a value is named and not shown; default 6. */
  maxDepth?: number;
  /** Items of an array, entries of a map, fields of an object; default 100. */
  maxItems?: number;
  /** UTF-16 units of one text; default 2000. */
  maxText?: number;
  /** UTF-16 units of all texts and names together; default 65,536. */
  maxTotal?: number;
  /** Names whose values are secrets, beside the usual ones (password, secret, api key…). */
  redact?: readonly (string | RegExp)[];
}

export const redacted = "[redacted]";

const usualSecrets =
  /(^|[_-])(password|passwd|passphrase|secret|api[_-]?key|(access|auth|bearer|refresh|session|id)[_-]token|authorization|cookie|credentials?|private[_-]?key|access[_-]?key)$|^token$/i;

/** Whether what bears this name is a secret. */
export function isSecret(name: string, redact: readonly (string | RegExp)[] = []): boolean {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2");
  if (usualSecrets.test(words)) return true;
  return redact.some((rule) =>
    typeof rule === "string"
      ? rule === name
      : new RegExp(rule.source, rule.flags.replace(/[gy]/g, "")).test(name),
  );
}

/**
 * Any value as bounded JSON that says what was cut. Runs no code of the value's: no toJSON, no
 * getters, no iterators but those of the built-in collections. Never throws.
 */
export function serialise(value: unknown, options: SerialiseOptions = {}): Json {
  return new Serialiser(options).write(value, 0);
}

class Serialiser {
  private readonly maxDepth: number;
  private readonly maxItems: number;
  private readonly maxText: number;
  private readonly redact: readonly (string | RegExp)[];
  private left: number;
  private readonly above: object[] = [];

  constructor(options: SerialiseOptions) {
    this.maxDepth = options.maxDepth ?? 6;
    this.maxItems = options.maxItems ?? 100;
    this.maxText = options.maxText ?? 2000;
    this.left = options.maxTotal ?? 65_536;
    this.redact = options.redact ?? [];
  }

  write(value: unknown, depth: number): Json {
    this.left -= 4;
    switch (typeof value) {
      case "string":
        return this.text(value);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
        return value;
      case "bigint":
        return this.text(`${value}n`);
      case "undefined":
        return "[undefined]";
      case "symbol":
        return this.text(`[${String(value)}]`);
      case "function":
        return this.text(`[function ${ownText(value, "name")}]`);
      case "object":
        return value === null ? null : this.object(value, depth);
    }
  }

  private object(value: object, depth: number): Json {
    if (this.above.includes(value)) return "[circular]";
    try {
      const leaf = describeLeaf(value);
      if (leaf !== null) return this.text(leaf);
      if (this.left <= 0) return "[cut]";
      if (depth >= this.maxDepth) return this.text(`[${className(value)}]`);
      this.above.push(value);
      try {
        return this.nested(value, depth + 1);
      } finally {
        this.above.pop();
      }
    } catch {
      // A proxy or a revoked one can throw from anything.
      return "[unreadable]";
    }
  }

  private nested(value: object, depth: number): Json {
    if (Array.isArray(value)) return this.items(value.length, (index) => value[index] as unknown, depth);
    if (ArrayBuffer.isView(value) && "length" in value) {
      const numbers = value as unknown as ArrayLike<unknown>;
      const shown = this.items(numbers.length, (index) => numbers[index], depth);
      return { "[class]": className(value), items: shown };
    }
    if (value instanceof Set) {
      const members = first(value.values(), this.maxItems);
      return { "[class]": "Set", items: this.items(value.size, (index) => members[index], depth) };
    }
    if (value instanceof Map) {
      const members = first(value.entries(), this.maxItems);
      return { "[class]": "Map", ...this.fields(members, value.size, depth) };
    }
    const names = Object.keys(value);
    const shown = names.slice(0, this.maxItems).map((name) => [name, ownValue(value, name)] as const);
    const error = value instanceof Error ? { message: this.text(ownText(value, "message")) } : {};
    return { ...classMark(value), ...error, ...this.fields(shown, names.length, depth) };
  }

  private items(length: number, at: (index: number) => unknown, depth: number): Json[] {
    const shown: Json[] = [];
    while (shown.length < Math.min(length, this.maxItems) && this.left > 0) {
      shown.push(this.write(at(shown.length), depth));
    }
    if (shown.length < length) shown.push(`[${length - shown.length} more]`);
    return shown;
  }

  private fields(entries: readonly (readonly [unknown, unknown])[], size: number, depth: number) {
    // Without a prototype a field named "__proto__" is a field.
    const shown: { [key: string]: Json } = Object.create(null) as { [key: string]: Json };
    let count = 0;
    for (const [key, value] of entries) {
      if (this.left <= 0) break;
      count++;
      if (value === undefined) continue;
      const name = this.text(typeof key === "string" ? key : JSON.stringify(this.write(key, this.maxDepth)));
      shown[name] = isSecret(name, this.redact) ? redacted : this.write(value, depth);
    }
    if (count < size) shown["[cut]"] = `${size - count} more`;
    return shown;
  }

  private text(text: string): string {
    const room = Math.max(0, Math.min(this.maxText, this.left));
    this.left -= Math.min(text.length, room);
    return text.length <= room ? text : `${text.slice(0, room)}… [${text.length - room} more characters]`;
  }
}

/** Values that are one text; null for what is shown by its parts. */
function describeLeaf(value: object): string | null {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof URL) return value.href;
  if (value instanceof ArrayBuffer || value instanceof DataView) return `[${value.byteLength} bytes]`;
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (typeof Blob !== "undefined" && value instanceof Blob) return `[Blob of ${value.size} bytes]`;
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet)
    return `[${className(value)}]`;
  return null;
}

function classMark(value: object): { "[class]"?: string } {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return {};
  const name = className(value);
  return name === "Object" ? {} : { "[class]": name };
}

function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return "Object";
  const maker = ownValue(prototype, "constructor");
  return typeof maker === "function" ? ownText(maker, "name") || "object" : "object";
}

/** An own field's value; a getter is code and is not run. */
function ownValue(value: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(value, name);
  if (property === undefined) return undefined;
  return "value" in property ? (property.value as unknown) : "[getter]";
}

function ownText(value: object, name: string): string {
  const text = ownValue(value, name);
  return typeof text === "string" ? text : "";
}

function first<T>(from: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of from) {
    if (taken.length >= count) break;
    taken.push(item);
  }
  return taken;
}
