import { UsageError } from "./errors.ts";

export interface VersionReference {
  name: string;
  version: number | null;
  alias: string | null;
}

/** Reads `name`, `name:3` or `name@alias`. */
export function parseReference(text: string): VersionReference {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?::(\d+)|@([\w-]+))?$/.exec(text);
  if (!match?.[1]) throw new UsageError(`"${text}" is no model reference: write name, name:3 or name@alias`);
  return {
    name: match[1],
    version: match[2] === undefined ? null : Number(match[2]),
    alias: match[3] ?? null,
  };
}

/** Reads `name:3`, for commands that must know which version is meant. */
export function parseVersionReference(text: string): { name: string; version: number } {
  const { name, version } = parseReference(text);
  if (version === null) throw new UsageError(`"${text}" names no version: write it as ${name}:3`);
  return { name, version };
}
