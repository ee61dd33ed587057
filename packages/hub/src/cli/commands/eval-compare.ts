import type { HearthClient } from "@hearth/sdk";
import type { Evaluation } from "@hearth/wire/hub/evaluation";
import { splitName } from "@hearth/wire/hub/datasets";
import { Option, type Command } from "commander";
import { createContext } from "../context.ts";
import { Unsuccessful } from "../errors.ts";
import { printComparison } from "../show-evaluation.ts";

interface CompareOptions {
  dataset?: string;
  split: string;
}

/** The newest evaluations of a version that are looked through. */
const newest = 100;

/** `hearth eval compare name:2 name:3` */
export function registerEvalCompare(parent: Command): void {
  parent
    .command("compare <first> <second>")
    .description("what the second version is ahead of the first by, on the same rows, with paired intervals")
    .option(
      "--dataset <dataset>",
      "the rows of which dataset; default: the newest that both were measured on",
    )
    .addOption(new Option("--split <split>", "which rows").choices(splitName.options).default("test"))
    .action(async (first: string, second: string, options: CompareOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const dataset =
        options.dataset === undefined ? null : await client.datasets.get(options.dataset, { signal });
      const wanted = (one: Evaluation): boolean =>
        one.split === options.split && (dataset === null || one.dataset_id === dataset.id);
      const [ones, others] = [
        (await evaluationsOf(client, first, signal)).filter(wanted),
        (await evaluationsOf(client, second, signal)).filter(wanted),
      ];
      const [pair] = ones.flatMap((one) => {
        const other = others.find(({ dataset_id: id, rows }) => id === one.dataset_id && rows === one.rows);
        return other === undefined ? [] : [{ one, other }];
      });
      if (pair === undefined)
        throw new Unsuccessful(
          `${first} and ${second} have not been measured on the same rows of ${options.split}; run: ` +
            [first, second]
              .map(
                (name) =>
                  `hearth eval ${name} --dataset ${options.dataset ?? "<dataset>"} --split ${options.split}`,
              )
              .join(" && "),
        );
      const comparison = await client.evaluations.compare(pair.one.id, pair.other.id, { signal });
      printComparison(comparison, output);
      output.result(comparison);
    });
}

/** The newest first. */
async function evaluationsOf(
  client: HearthClient,
  reference: string,
  signal: AbortSignal,
): Promise<Evaluation[]> {
  const { id: versionId } = await client.models.resolve(reference, { signal });
  return (await client.evaluations.list({ versionId, pageSize: newest, signal })).items;
}
