import { totalmem } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { HearthError } from "../errors.ts";

/** The one sentence that stops a start: the variable, what it was set to, what is allowed. */
export function badValue(variable: string, value: string, allowed: string, cause?: unknown): HearthError {
  return new HearthError(
    "configuration_invalid",
    `${variable} is ${JSON.stringify(value)}; allowed: ${allowed}.`,
    {
      details: { variable, value, allowed },
      cause,
    },
  );
}

/** A whole number between two bounds, both included. */
export function parseInteger(variable: string, value: string, min: number, max: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw badValue(variable, value, `a whole number from ${min} to ${max}`);
  }
  return number;
}

export function parseChoice<const T extends string>(
  variable: string,
  value: string,
  allowed: readonly T[],
): T {
  const found = allowed.find((choice) => choice === value);
  if (found === undefined) throw badValue(variable, value, allowed.join(", "));
  return found;
}

export function parseBoolean(variable: string, value: string): boolean {
  if (["1", "true", "yes", "on"].includes(value)) return true;
  if (["0", "false", "no", "off"].includes(value)) return false;
  throw badValue(variable, value, "1 or 0");
}

/** An address of a server; what it carries of a secret is not repeated. */
export function parseHttpUrl(variable: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw badValue(variable, "(not shown)", "an http:// or https:// address");
  return value;
}

const secondsOf: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600 };

/** Milliseconds from seconds (`300`), or from `90s`, `5m`, `2h`; Infinity from `-1`, for ever. */
export function parseDuration(variable: string, value: string): number {
  if (value === "-1") return Number.POSITIVE_INFINITY;
  const match = /^(\d{1,9})([smh]?)$/.exec(value);
  const seconds = Number(match?.[1]) * (secondsOf[match?.[2] ?? ""] ?? Number.NaN);
  if (!(seconds <= 31_536_000))
    throw badValue(variable, value, "seconds up to a year, a duration such as 90s, 5m or 2h, or -1 for ever");
  return seconds * 1000;
}

const sizeUnits: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Bytes from `36GiB`, `900MB`, `2g`, a plain number of bytes, or a share of the machine such as `75%`. */
export function parseBytes(variable: string, value: string, total: number = totalmem()): number {
  const allowed =
    "a size such as 8GiB or 900MB, or a share of the machine's memory such as 75%; at least 64MiB";
  const match = /^(\d+(?:\.\d+)?)\s*(%|(?:([kmgt]i?)?b?))$/i.exec(value.trim());
  if (match === null) throw badValue(variable, value, allowed);
  const amount = Number(match[1]);
  const bytes =
    match[2] === "%"
      ? (amount / 100) * total
      : amount * (sizeUnits[(match[3] ?? "").toLowerCase()] ?? Number.NaN);
  if (!(bytes >= 64 * 2 ** 20 && bytes <= 2 ** 50) || (match[2] === "%" && amount > 100)) {
    throw badValue(variable, value, allowed);
  }
  return Math.floor(bytes);
}

/** An absolute folder; `~` is the user's home folder, anything relative counts from the current folder. */
export function parseFolder(variable: string, value: string, userHome: string): string {
  if (value.trim() === "" || value.includes("\0")) throw badValue(variable, value, "a folder");
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(value))
    throw badValue(variable, value, "a folder of this machine; object stores are not supported yet");
  if (value === "~") return userHome;
  if (value.startsWith("~/")) return resolve(userHome, value.slice(2));
  return isAbsolute(value) ? value : resolve(value);
}
