import type { HearthClient } from "@hearth/sdk";
import type { GateResult, NeededEvaluation } from "@hearth/wire/hub/models";
import { splitName } from "@hearth/wire/hub/datasets";
import type { Command } from "commander";
import { createContext } from "../context.ts";
import { Unsuccessful } from "../errors.ts";
import { runEvaluation } from "../evaluate.ts";
import type { Output } from "../output.ts";
import { parseVersionReference } from "../reference.ts";

interface PromoteOptions {
  to: string;
  require: string[];
  /** `true` without a dataset. */
  evaluate?: true | string;
  dryRun?: true;
}

const gatesHelp = `
A gate is a metric, one of >= <= == > <, and a number or an alias with a number added, such as
  accuracy>=0.9   accuracy>=champion-0.01   f1/spam>=0.8   ci_low(accuracy)>=champion   loss<champion or empty
All must hold. Against an alias both versions must have been measured on the same rows.
What was refused, promoted or rolled back stays in \`hearth models history <name>\`.`;

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
    .option(
      "--evaluate [dataset]",
      "measure first what a gate lacks, where nothing else says so on this dataset",
    )
    .option("--dry-run", "only check the gates")
    .addHelpText("after", gatesHelp)
    .action(async (reference: string, options: PromoteOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { name, version } = parseVersionReference(reference);
      const request = { version, alias: options.to, require: options.require };
      const dryRun = options.dryRun === true;
      if (options.evaluate !== undefined)
        await measureMissing(client, name, { ...request, ...options }, signal);
      const result = await client.models.promote(name, { ...request, dry_run: dryRun }, { signal });
      printChecks(result, output);
      const passed = result.checks.every((check) => check.passed);
      if (!passed) throw new Unsuccessful(`${reference} was not promoted to ${options.to}`, result);
      const before = result.previous_version === null ? "" : ` (was version ${result.previous_version})`;
      output.line(
        dryRun
          ? `${reference} passes; ${name}@${options.to} was not moved`
          : `${name}@${options.to} is now version ${version}${before}`,
      );
      output.result(result);
    });
}

function printChecks({ checks }: GateResult, output: Output): void {
  for (const check of checks)
    output.line(`  ${check.passed ? "✓" : "✗"} ${check.expression}: ${check.reason}`);
}

/** Evaluates what the gates lack, until they lack nothing that an evaluation gives. */
async function measureMissing(
  client: HearthClient,
  name: string,
  { version, alias, require, evaluate }: { version: number; alias: string } & Omit<PromoteOptions, "to">,
  signal: AbortSignal,
): Promise<void> {
  const done = new Set<string>();
  for (;;) {
    const { checks } = await client.models.promote(
      name,
      { version, alias, require, dry_run: true },
      { signal },
    );
    const wanted = checks.flatMap((check) => {
      if (check.needed !== null) return check.needed;
      const named = check.value === null && typeof evaluate === "string" ? evaluate : null;
      return named === null ? [] : onDataset(`${name}:${version}`, named);
    });
    const next = wanted.find((needed) => !done.has(JSON.stringify(needed)));
    if (next === undefined) return;
    done.add(JSON.stringify(next));
    const { model, dataset, split, limit, scorer_files: files } = next;
    await runEvaluation(
      client,
      { model, dataset, split, ...(limit === null ? {} : { limit }), scorer_files: files },
      signal,
    );
  }
}

function onDataset(model: string, dataset: string): NeededEvaluation {
  return { model, dataset, split: splitName.enum.test, limit: null, scorer_files: [] };
}
