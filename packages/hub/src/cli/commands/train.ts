import { basename, resolve } from "node:path";
import { HearthApiError, type HearthClient } from "@hearth/sdk";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Model } from "@hearth/wire/hub/models";
import { recipeName } from "@hearth/wire/hub/training";
import { Option, type Command } from "commander";
import { createContext } from "../context.ts";
import { collectDatasetFiles, isLocalPath } from "../dataset-files.ts";
import { followJob } from "../follow-job.ts";
import { integer, positive } from "../numbers.ts";

interface TrainOptions {
  model: string;
  dataset: string;
  base?: string;
  recipe: "lora" | "full" | "pretrain";
  rank?: number;
  alpha?: number;
  learningRate?: number;
  epochs?: number;
  batchSize?: number;
  sequenceLength?: number;
  packing?: boolean;
  seed?: number;
  sampleSteps?: number;
  samplePrompt?: string[];
  systemMetrics?: boolean;
  detach?: boolean;
}

export function registerTrain(program: Command): void {
  program
    .command("train")
    .description("train a new version of a model; registers a new model or dataset by itself")
    .requiredOption("--model <name>", "the model that gets a new version")
    .requiredOption("--dataset <name|path>", "a registered dataset, or a file or folder on this machine")
    .option("--base <model>", "what to train on (default: the model's own base, else ember)")
    .addOption(new Option("--recipe <recipe>", "how to train").choices(recipeName.options).default("lora"))
    .option("--rank <n>", "LoRA rank", integer)
    .option("--alpha <n>", "LoRA alpha; the adapter's scale is alpha/rank", positive)
    .option("--learning-rate <n>", "peak learning rate", positive)
    .option("--epochs <n>", "passes over the training split", positive)
    .option("--batch-size <n>", "rows a step", integer)
    .option("--sequence-length <n>", "tokens a row may have", integer)
    .option("--packing", "put several short rows into one sequence, where none sees another")
    .option("--seed <n>", "seed of everything random", integer)
    .option("--sample-steps <n>", "steps between two rounds of sample answers; 0: none", integer)
    .option(
      "--sample-prompt <text...>",
      "what the model is asked meanwhile (default: rows of the validation split)",
    )
    .option("--system-metrics", "log how busy the machine is into the run, every 10 seconds")
    .option("--detach", "queue the job and return at once")
    .action(train);
}

async function train(options: TrainOptions, command: Command): Promise<void> {
  const { client, output, signal } = await createContext(command);
  const dataset = await findOrUploadDataset(client, options.dataset, signal);
  const model = await findOrCreateModel(client, options, dataset, signal);
  const request = {
    model_id: model.id,
    dataset_id: dataset.id,
    recipe: options.recipe,
    ...(options.base === undefined ? {} : { base_model: options.base }),
    ...(options.rank === undefined ? {} : { lora_rank: options.rank }),
    ...(options.alpha === undefined ? {} : { lora_alpha: options.alpha }),
    ...(options.learningRate === undefined ? {} : { learning_rate: options.learningRate }),
    ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
    ...(options.batchSize === undefined ? {} : { batch_size: options.batchSize }),
    ...(options.sequenceLength === undefined ? {} : { sequence_length: options.sequenceLength }),
    ...(options.packing === undefined ? {} : { packing: options.packing }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.sampleSteps === undefined ? {} : { sample_steps: options.sampleSteps }),
    ...(options.samplePrompt === undefined ? {} : { sample_prompts: options.samplePrompt }),
    ...(options.systemMetrics === undefined ? {} : { system_metrics: options.systemMetrics }),
  };
  const { warnings } = await client.jobs.estimate(request, { signal });
  for (const warning of warnings) output.note(`warning: ${warning}`);
  const job = await client.jobs.create(request, { signal });
  if (options.detach) {
    output.line(
      `queued job ${job.id}: it makes ${job.model}:${job.version}; \`hearth jobs follow ${job.id}\` draws it`,
    );
    output.result({ job });
    return;
  }
  const finished = await followJob(client, job.id, { title: `train ${job.model}:${job.version}`, signal });
  const version = await client.models.resolve(`${finished.model}:${finished.version}`, { signal });
  output.line(`${version.model}:${version.version} is ready: ${version.kind} ${version.sha256}`);
  output.line(`  dataset ${dataset.name} ${dataset.checksum}, run ${finished.run_id}`);
  output.result({ job: finished, version, adapter_sha256: finished.adapter_sha256 });
}

/** A name that is registered wins over a path of the same spelling. */
async function findOrUploadDataset(
  client: HearthClient,
  nameOrPath: string,
  signal: AbortSignal,
): Promise<Dataset> {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(nameOrPath)) {
    try {
      return await client.datasets.get(nameOrPath, { signal });
    } catch (error) {
      const missing = error instanceof HearthApiError && error.code === "not_found";
      if (!missing || !(await isLocalPath(nameOrPath))) throw error;
    }
  }
  const name = basename(resolve(nameOrPath))
    .replace(/\.(jsonl|csv|tsv|parquet)$/, "")
    .replace(/[^A-Za-z0-9._-]/g, "-");
  return client.datasets.upload(name, await collectDatasetFiles(nameOrPath), { signal });
}

async function findOrCreateModel(
  client: HearthClient,
  options: TrainOptions,
  dataset: Dataset,
  signal: AbortSignal,
): Promise<Model> {
  try {
    return await client.models.get(options.model, { signal });
  } catch (error) {
    if (!(error instanceof HearthApiError && error.code === "not_found")) throw error;
  }
  return client.models.create(
    {
      name: options.model,
      task_type: dataset.labels.length > 0 ? "classification" : "text-generation",
      ...(options.recipe === "pretrain" ? {} : { base_model: options.base ?? "ember" }),
    },
    { signal },
  );
}
