import type { Command } from "commander";
import { createContext } from "../context.ts";
import { Unsuccessful } from "../errors.ts";
import { parseVersionReference } from "../reference.ts";

interface PromoteOptions {
  to: string;
  require: string[];
}

export function registerPromote(program: Command): void {
  program
    .command("promote <name:version>")
    .description("give a version an alias, if it passes the gates")
    .option("--to <alias>", "the alias", "champion")
    .option(
      "--require <gate>",
      'what must hold, e.g. "accuracy>=0.9" or "accuracy>=champion+0.01"; may be given several times',
      (gate: string, gates: string[]) => [...gates, gate],
      [] as string[],
    )
    .action(async (reference: string, options: PromoteOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { name, version } = parseVersionReference(reference);
      const result = await client.models.promote(
        name,
        { version, alias: options.to, require: options.require },
        { signal },
      );
      for (const check of result.checks)
        output.line(`  ${check.passed ? "✓" : "✗"} ${check.expression}: ${check.reason}`);
      if (!result.promoted) throw new Unsuccessful(`${reference} was not promoted to ${options.to}`, result);
      const before = result.previous_version === null ? "" : ` (was version ${result.previous_version})`;
      output.line(`${name}@${options.to} is now version ${version}${before}`);
      output.result(result);
    });
}
