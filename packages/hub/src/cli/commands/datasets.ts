import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Command } from "commander";
import { createContext } from "../context.ts";
import { collectDatasetFiles } from "../dataset-files.ts";
import { Unsuccessful } from "../errors.ts";

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
    .description("register a JSONL file, or a folder with train.jsonl, validation.jsonl, test.jsonl")
    .action(async (name: string, path: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const dataset = await client.datasets.upload(name, await collectDatasetFiles(path), { signal });
      output.line(`registered ${dataset.name}: ${dataset.rows} rows, sha256 ${dataset.checksum}`);
      output.result(dataset);
    });

  datasets
    .command("show <name>")
    .description("splits, labels and checksums of a dataset")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const dataset = await client.datasets.get(name, { signal });
      output.line(`${dataset.name} (version ${dataset.version}, ${dataset.format})`);
      output.table(
        ["SPLIT", "ROWS", "SHA256"],
        Object.entries(dataset.splits).map(([split, file]) => [split, String(file.rows), file.sha256]),
      );
      if (dataset.labels.length > 0) output.line(`labels: ${dataset.labels.join(", ")}`);
      output.result(dataset);
    });

  datasets
    .command("verify <name>")
    .description("check that the bytes are still those that were registered")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const answer = await client.datasets.verify(name, { signal });
      if (!answer.ok) throw new Unsuccessful(`${name} has changed: ${answer.problems.join("; ")}`, answer);
      output.line(`${name} is unchanged: sha256 ${answer.checksum}`);
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

function datasetRow(dataset: Dataset): string[] {
  return [dataset.name, String(dataset.version), dataset.format, String(dataset.rows), dataset.checksum];
}
