import { setFlagsFromString } from "node:v8";
import type { Command } from "commander";
import { loadConfig } from "../../config/load.ts";
import { interrupted, type GlobalOptions } from "../context.ts";
import { createOutput } from "../output.ts";

interface ServeOptions {
  port?: string;
  host?: string;
  home?: string;
}

export function registerServe(program: Command): void {
  program
    .command("serve")
    .description("start the hub and keep it running until Ctrl-C or `hearth stop`")
    .option("--port <n>", "port to listen on; 0 takes a free one (default: HEARTH_PORT or 4747)")
    .option("--host <address>", "address to listen on (default: HEARTH_HOST or 127.0.0.1)")
    .option("--home <folder>", "where everything is kept (default: HEARTH_HOME or ~/.hearth)")
    .action(async (options: ServeOptions, command: Command) => {
      // Under a stream of small requests the young generation would grow to 100 MB that hold nothing but garbage.
      setFlagsFromString("--semi-space-growth-factor=1");
      // The old one would grow to twice what is alive before it is looked at: 20 MB of garbage, for a per cent of time.
      setFlagsFromString("--heap-growing-percent=20");
      const output = createOutput(command.optsWithGlobals<GlobalOptions>().json === true);
      const config = loadConfig({
        HEARTH_PORT: options.port,
        HEARTH_HOST: options.host,
        HEARTH_HOME: options.home,
      });
      // Loaded here: no other command needs the server, and each should start at once.
      const { startServer } = await import("../../server/server.ts");
      const server = await startServer(config, { signal: interrupted });
      if (output.json) process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
      else output.line(`Hearth is at ${server.url} (Ctrl-C stops it)`);
      await server.closed;
    });
}
