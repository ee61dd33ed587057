import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { destination, multistream, pino, type Logger } from "pino";
import type { LogLevel } from "../config/config.ts";
import { prettyLine } from "./pretty-line.ts";

export type { Logger } from "pino";

export interface LogOptions {
  folder: string;
  level: LogLevel;
  /** Where short lines for people go; null for nowhere. */
  stream: NodeJS.WritableStream | null;
}

/** One older file is kept beside the running one. */
const maximumBytes = 10 * 2 ** 20;

/** Field names that never reach a log, wherever a caller put them. */
const secrets = [
  "authorization",
  "apiKey",
  "api_key",
  "password",
  "token",
  "*.authorization",
  "*.apiKey",
  "*.api_key",
  "*.password",
  "headers.cookie",
];

/**
 * The hub's log: JSON lines in `folder/hub.log` and, for people, short lines on a stream.
 * Returns the logger and a function that writes out what is still buffered and closes the file.
 */
export function openLog(options: LogOptions): { log: Logger; close: () => Promise<void> } {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const path = join(options.folder, "hub.log");
  if (existsSync(path) && statSync(path).size > maximumBytes) renameSync(path, `${path}.1`);
  const file = destination({ dest: path, sync: false, mkdir: true, mode: 0o600 });
  const opened = new Promise<void>((resolve, reject) => {
    file.once("ready", () => resolve());
    file.once("error", reject);
  });
  const level = options.level === "silent" ? "fatal" : options.level;
  const streams: { level: typeof level; stream: NodeJS.WritableStream | typeof file }[] = [
    { level, stream: file },
  ];
  const { stream } = options;
  if (stream !== null && options.level !== "silent") streams.push({ level, stream: pretty(stream) });
  const log = pino(
    { level: options.level, base: {}, redact: { paths: secrets, censor: "(secret)" } },
    multistream(streams),
  );
  const close = async () => {
    await opened;
    const closed = new Promise<void>((resolve) => file.once("close", () => resolve()));
    file.end();
    await closed;
  };
  return { log, close };
}

function pretty(target: NodeJS.WritableStream): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      target.write(prettyLine(chunk.toString()), () => done());
    },
  });
}
