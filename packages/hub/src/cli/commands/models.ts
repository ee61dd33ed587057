import { resolve } from "node:path";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import { Option, type Command } from "commander";
import { createContext } from "../context.ts";
import { formatBytes, type Output } from "../output.ts";
import { lineageFacts } from "../lineage-facts.ts";
import { parseReference, parseVersionReference } from "../reference.ts";
import { historyActor, historyDetails } from "../show-history.ts";
import { registerServing } from "./serving.ts";

export function registerModels(program: Command): void {
  const models = program.command("models").description("list, add, show and remove models");

  models
    .command("list", { isDefault: true })
    .description("all models with their aliases, and those of other servers")
    .action(async (_options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const [page, names] = await Promise.all([
        client.models.list({ pageSize: 200, signal }),
        client.models.names({ signal }),
      ]);
      output.table(["NAME", "TASK", "BASE", "VERSIONS", "ALIASES"], page.items.map(modelRow));
      if (page.total > page.items.length) output.note(`${page.total - page.items.length} more are not shown`);
      const others = names.filter((name) => name.includes("/"));
      if (others.length > 0)
        output.table(
          ["ON OTHER SERVERS"],
          others.map((name) => [name]),
        );
      output.result({ ...page, other_servers: others });
    });

  models
    .command("add <name>")
    .description("register a model, from a GGUF file, from a folder for MLX, or on a base to train on")
    .option(
      "--path <path>",
      "a GGUF file, or a folder with config.json and *.safetensors; it becomes version 1",
    )
    .option("--base <model>", "the model that adapters are trained on, e.g. ember")
    .option(
      "--task <type>",
      "text-generation, classification, summarization, question-answering or chat",
      "text-generation",
    )
    .option("--description <text>", "what it is for", "")
    .action(async (name: string, options: AddOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const model = await client.models.create(
        {
          name,
          task_type: options.task as Model["task_type"],
          description: options.description,
          ...(options.base === undefined ? {} : { base_model: options.base }),
          ...(options.path === undefined ? {} : { path: resolve(options.path) }),
        },
        { signal },
      );
      output.line(`registered ${model.name}${model.base_model ? ` on ${model.base_model}` : ""}`);
      output.result(model);
    });

  models
    .command("show <reference>")
    .description("one version: name, name:3 or name@alias")
    .option("--lineage", "all that it was made from and with: data, recipe, seeds, code, programs, machine")
    .action(async (reference: string, options: { lineage?: boolean }, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { name, version, alias } = parseReference(reference);
      if (options.lineage !== true && version === null && alias === null) {
        const model = await client.models.get(name, { signal });
        const versions = await client.models.versions(name, { pageSize: 200, signal });
        output.line(`${model.name}: ${model.description || model.task_type}`);
        output.table(
          ["VERSION", "STATUS", "KIND", "ALIASES", "METRICS", "CREATED"],
          versions.items.map(versionRow),
        );
        output.result({ ...model, versions: versions.items });
        return;
      }
      const found = await client.models.resolve(reference, { signal });
      if (options.lineage === true) output.table(["FIELD", "VALUE"], lineageFacts(found.lineage));
      else printVersion(found, output);
      output.result(options.lineage === true ? found.lineage : found);
    });

  models
    .command("history <name>")
    .description("what happened to a model, newest first")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const page = await client.models.history(name, { pageSize: 200, signal });
      output.table(
        ["WHEN", "WHAT", "VERSION", "BY", "DETAILS"],
        page.items.map((event) => [
          event.created_at,
          event.kind,
          event.version === null ? "" : String(event.version),
          historyActor(event),
          historyDetails(event),
        ]),
      );
      output.result(page);
    });

  models
    .command("export <name:version>")
    .description("give an adapter of a base in MLX's format a version on the same base in GGUF")
    .requiredOption(
      "--base <model>",
      "the same base in GGUF, e.g. other:1; it must answer as the trainer did",
    )
    .addOption(new Option("--format <format>", "of the new version").choices(["gguf"]).default("gguf"))
    .action(async (reference: string, options: { base: string }, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { name, version } = parseVersionReference(reference);
      const made = await client.models.ggufTwin(name, version, options.base, { signal });
      output.line(`${made.model}:${made.version} is ready: ${reference} on ${options.base}, in GGUF`);
      output.line(`  answers as trained: ${made.lineage.environment["answers_as_trained"] ?? "unknown"}`);
      output.result(made);
    });

  registerServing(models);

  models
    .command("remove <name>")
    .description("remove a model and all its versions")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      await client.models.remove(name, { signal });
      output.line(`removed ${name}`);
      output.result({ removed: name });
    });
}

interface AddOptions {
  path?: string;
  base?: string;
  task: string;
  description: string;
}

function modelRow(model: Model): string[] {
  const aliases = Object.entries(model.aliases).map(([alias, version]) => `${alias}→${version}`);
  return [
    model.name,
    model.task_type,
    model.base_model ?? "",
    model.latest_version === null ? "none" : String(model.latest_version),
    aliases.join(" "),
  ];
}

function versionRow(version: ModelVersion): string[] {
  const metrics = Object.entries(version.metrics)
    .slice(0, 3)
    .map(([key, value]) => `${key}=${Number(value.toPrecision(4))}`);
  return [
    `${version.model}:${version.version}`,
    version.status,
    version.kind,
    version.aliases.join(" "),
    metrics.join(" "),
    version.created_at,
  ];
}

function printVersion(version: ModelVersion, output: Output): void {
  const { lineage } = version;
  const facts: [string, string][] = [
    ["version", `${version.model}:${version.version} (${version.kind}, ${version.status})`],
    ["aliases", version.aliases.join(", ") || "none"],
    ["sha256", version.sha256 ?? "none yet"],
    ["base", lineage.base ? `${lineage.base.reference} ${lineage.base.sha256}` : "none: full weights"],
    ["dataset", lineage.dataset ? `${lineage.dataset.name} ${lineage.dataset.sha256}` : "none"],
    ["run", lineage.run_id ?? "none"],
    [
      "commit",
      lineage.code.commit ? `${lineage.code.commit}${lineage.code.dirty ? " (dirty)" : ""}` : "unknown",
    ],
    ["seed", lineage.seed === null ? "none" : String(lineage.seed)],
  ];
  const size = version.summary?.fileSize;
  if (typeof size === "number") facts.push(["size", formatBytes(size)]);
  for (const [key, value] of Object.entries(version.metrics))
    facts.push([key, String(Number(value.toPrecision(6)))]);
  output.table(["FIELD", "VALUE"], facts);
}
