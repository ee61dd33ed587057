import { HearthClient } from "@hearth/sdk";
import type { Command } from "commander";
import { hubAddress } from "./hub-address.ts";
import { createOutput, type Output } from "./output.ts";

/** What every command works with: the hub it talks to, where it writes, and when to stop. */
export interface CommandContext {
  readonly output: Output;
  readonly client: HearthClient;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Options that stand before or behind any command. */
export interface GlobalOptions {
  url?: string;
  json?: boolean;
}

const interruption = new AbortController();

/** Aborted once the person or the system asked this command to end. */
export const interrupted: AbortSignal = interruption.signal;

/** First Ctrl-C: end in order. Second: at once. */
export function listenForInterruption(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () =>
      interruption.abort(new DOMException(`interrupted by ${signal}`, "AbortError")),
    );
  }
}

export async function createContext(command: Command): Promise<CommandContext> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const address = await hubAddress(options.url);
  return {
    output: createOutput(options.json === true),
    client: new HearthClient(address),
    signal: interrupted,
  };
}
