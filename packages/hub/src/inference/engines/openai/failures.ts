import { HearthError, type ErrorCode, type ErrorOptions } from "../../../errors.ts";
import type { ServerAddress } from "./server.ts";

/**
 * What a failure says of the server. `request`: the request is at fault, everywhere. `elsewhere`: this server
 * cannot do it, another may. `busy`: it has too much to do. `sick`: it does not work.
 */
export type Blame = "request" | "elsewhere" | "busy" | "sick";

/** A server did not do what it was asked; names the server and what it said. */
export class ServerFailure extends HearthError {
  readonly blame: Blame;

  constructor(code: ErrorCode, blame: Blame, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
    this.blame = blame;
  }
}

/** Does this failure say that the server does not work? */
export function blameOf(error: unknown): Blame {
  if (error instanceof ServerFailure) return error.blame;
  if (error instanceof HearthError) {
    if (error.code === "invalid_request" || error.code === "cancelled") return "request";
  }
  return "sick";
}

/** How a server is called in messages. */
export function nameOf({ provider, url }: Pick<ServerAddress, "provider" | "url">): string {
  return `The server ${url} (provider ${provider})`;
}

const longestExcerpt = 300;

/** A server's own words, short, on one line, and without the key if it repeats that. */
export function quote(text: string, { apiKey }: Pick<ServerAddress, "apiKey">): string {
  const secret = apiKey === null || apiKey === "" ? text : text.replaceAll(apiKey, "[key]");
  const line = secret
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/gu, " ")
    .trim();
  return line.length > longestExcerpt ? `${line.slice(0, longestExcerpt)}…` : line;
}
