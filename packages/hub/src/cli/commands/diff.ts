import { splitName, type SplitName } from "@hearth/wire/hub/datasets";
import { Option, type Command } from "commander";
import { createContext } from "../context.ts";
import { printDiff } from "../describe-diff.ts";
import { Different } from "../errors.ts";
import { integer } from "../numbers.ts";

interface DiffOptions {
  ask?: number;
  dataset?: string;
  split?: SplitName;
  exitCode?: boolean;
}

export function registerDiff(program: Command): void {
  program
    .command("diff <from> <to>")
    .description("what changed between two versions: data, recipe, code, figures, answers")
    .option("--ask <n>", "ask both so many rows now and show the answers that differ", integer)
    .option("--dataset <name>", "whose rows are asked (default: what the second was trained on)")
    .addOption(
      new Option("--split <split>", "which rows are asked (default: test, or validation, or train)").choices(
        splitName.options,
      ),
    )
    .option("--exit-code", "end with 1 when they differ and with 0 when they are the same")
    .action(async (from: string, to: string, options: DiffOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { dataset, split, ask = 0 } = options;
      const diff = await client.models.diff(
        from,
        { to, ask, ...(dataset === undefined ? {} : { dataset }), ...(split === undefined ? {} : { split }) },
        { signal },
      );
      printDiff(diff, output);
      output.result(diff);
      if (options.exitCode === true && !diff.same) throw new Different();
    });
}
