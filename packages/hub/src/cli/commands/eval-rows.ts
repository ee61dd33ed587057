import { evaluationRowsQuery } from "@hearth/wire/hub/evaluation";
import { Option, type Command } from "commander";
import { createContext } from "../context.ts";
import { integer } from "../numbers.ts";
import { printRows } from "../show-evaluation.ts";

interface RowsOptions {
  only: "all" | "right" | "wrong" | "failed";
  offset: number;
  limit: number;
}

/** `hearth eval rows <evaluation>` */
export function registerEvalRows(parent: Command): void {
  parent
    .command("rows <evaluation>")
    .description("answers of an evaluation, row by row, by the evaluation's id")
    .addOption(
      new Option("--only <which>", "which rows")
        .choices(evaluationRowsQuery.shape.only.unwrap().options)
        .default("all"),
    )
    .option("--offset <n>", "rows to leave out from the beginning", integer, 0)
    .option("--limit <n>", "at most so many, up to 200", integer, 20)
    .action(async (id: string, { only, offset, limit }: RowsOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const rows = await client.evaluations.rows(id, { only, offset, limit, signal });
      printRows(rows.items, output);
      const more = rows.total - offset - rows.items.length;
      if (more > 0) output.note(`${more} more: --offset ${offset + rows.items.length}`);
      output.result(rows);
    });
}
