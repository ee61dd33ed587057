import { splitName, type Dataset } from "@hearth/wire/hub/datasets";
import type { Command } from "commander";
import { createContext } from "../context.ts";
import { collectDatasetFiles } from "../dataset-files.ts";
import { warningsOfRows } from "../../training/data-warnings.ts";
import { printStatistics } from "../dataset-statistics.ts";
import { datasetOptionsOf, type WrittenDatasetOptions } from "../dataset-options.ts";
import { Unsuccessful, UsageError } from "../errors.ts";
import { integer } from "../numbers.ts";

export function registerDatasets(program: Command): void {
  const datasets = program.command("datasets").description("list, add, verify and remove datasets");

  datasets
    .command("list", { isDefault: true })
    .description("all datasets")
    .action(async (_options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const page = await client.datasets.list({ pageSize: 200, signal });
      output.table(["NAME", "VERSION", "FORMAT", "ROWS", "SHA256"], page.items.map(datasetRow));
      output.result(page);
    });

  datasets
    .command("add <name> <path>")
    .description(
      "register a JSONL, CSV or Parquet file, or a folder with train.jsonl, validation.jsonl, test.jsonl",
    )
    .option("--map <field=column,…>", "columns of the file, such as prompt=question,completion=answer")
    .option("--split <name=share,…>", "divide one file, such as train=0.8,validation=0.1,test=0.1")
    .option("--seed <n>", "seed of the division (default 0)", integer)
    .action(async (name: string, path: string, options: WrittenDatasetOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const dataset = await client.datasets.upload(name, await collectDatasetFiles(path), {
        ...datasetOptionsOf(options),
        signal,
      });
      const splits = Object.entries(dataset.splits).map(([split, { rows }]) => `${split} ${rows}`);
      output.line(
        `registered ${dataset.name}:${dataset.version}: ${dataset.rows} rows (${splits.join(", ")}), sha256 ${dataset.checksum}`,
      );
      const statistics = await client.datasets.statistics(dataset.id, { signal });
      for (const warning of warningsOfRows(statistics)) output.note(`warning: ${warning}`);
      output.result(dataset);
    });

  datasets
    .command("preview <name>")
    .description("some rows of a split, as one JSON object a line")
    .option("--split <name>", "which split", "train")
    .option("--offset <n>", "rows to leave out from the beginning", integer, 0)
    .option("--limit <n>", "rows to show, at most 100", integer, 5)
    .action(
      async (name: string, options: { split: string; offset: number; limit: number }, command: Command) => {
        const { client, output, signal } = await createContext(command);
        const split = splitName.safeParse(options.split);
        if (!split.success)
          throw new UsageError(
            `there is no split ${options.split}; splits are ${splitName.options.join(", ")}`,
          );
        const { offset, limit } = options;
        const rows = await client.datasets.rows(name, { split: split.data, offset, limit, signal });
        for (const { format: _, ...row } of rows.items) output.line(JSON.stringify(row));
        output.result(rows);
      },
    );

  datasets
    .command("versions <name>")
    .description("all versions of a dataset, the newest first, and how many rows each changed")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { items } = await client.datasets.versions(name, { signal });
      output.table(
        ["VERSION", "ROWS", "CHANGE", "SPLITS", "FROM", "SHA256"],
        items.map((one, index) => versionRow(one, items[index + 1])),
      );
      output.result({ items });
    });

  datasets
    .command("show <name>")
    .description("splits, labels, origin and checksums of a dataset")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const dataset = await client.datasets.get(name, { signal });
      output.line(`${dataset.name} (version ${dataset.version}, ${dataset.format})`);
      output.table(
        ["SPLIT", "ROWS", "SHA256"],
        Object.entries(dataset.splits).map(([split, file]) => [split, String(file.rows), file.sha256]),
      );
      for (const source of dataset.sources)
        output.line(`from ${source.file} (${source.format}, ${source.bytes} bytes, sha256 ${source.sha256})`);
      if (dataset.mapping !== null) output.line(`columns: ${written(dataset.mapping)}`);
      if (dataset.division !== null)
        output.line(`divided ${written(dataset.division.ratios)} with seed ${dataset.division.seed}`);
      if (dataset.labels.length > 0) output.line(`labels: ${dataset.labels.join(", ")}`);
      output.result(dataset);
    });

  datasets
    .command("stats <name>")
    .description("labels, lengths, rows that come again or leak between splits; with a model also tokens")
    .option("--model <name>", "count tokens of this model's tokenizer and template")
    .option("--sequence-length <n>", "tokens a row may have (default: as a job's)", integer)
    .action(async (name: string, options: { model?: string; sequenceLength?: number }, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const statistics = await client.datasets.statistics(name, {
        ...(options.model === undefined ? {} : { model: options.model }),
        ...(options.sequenceLength === undefined ? {} : { sequence_length: options.sequenceLength }),
        signal,
      });
      printStatistics(output, statistics);
      output.result(statistics);
    });

  datasets
    .command("verify <name>")
    .description("check that the bytes are still those that were registered")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const answer = await client.datasets.verify(name, { signal });
      if (!answer.ok) throw new Unsuccessful(`${name} has changed: ${answer.problems.join("; ")}`, answer);
      output.line(`${name} is unchanged: sha256 ${answer.checksum}`);
      for (const note of answer.notes) output.line(`note: ${note}`);
      output.result(answer);
    });

  datasets
    .command("remove <name>")
    .description("remove a dataset that nothing uses")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      await client.datasets.remove(name, { signal });
      output.line(`removed ${name}`);
      output.result({ removed: name });
    });
}

function versionRow(one: Dataset, before: Dataset | undefined): string[] {
  const change = before === undefined ? "" : one.rows - before.rows;
  return [
    `${one.name}:${one.version}`,
    String(one.rows),
    typeof change === "number" && change > 0 ? `+${change}` : String(change),
    Object.entries(one.splits)
      .map(([split, { rows }]) => `${split} ${rows}`)
      .join(", "),
    one.sources.map(({ file }) => file).join(", "),
    one.checksum,
  ];
}

function written(pairs: Record<string, string | number | undefined>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function datasetRow(dataset: Dataset): string[] {
  return [dataset.name, String(dataset.version), dataset.format, String(dataset.rows), dataset.checksum];
}
