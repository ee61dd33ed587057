import { basename, resolve } from "node:path";
import { HearthApiError, type HearthClient } from "@hearth/sdk";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Model } from "@hearth/wire/hub/models";
import {
  recipeName,
  trainingParameters,
  type estimateJobRequest,
  type TrainingParameters,
} from "@hearth/wire/hub/training";
import type { JobPriority } from "@hearth/wire/hub/training-queue";
import { Option, type Command } from "commander";
import type { z } from "zod";
import { createContext } from "../context.ts";
import { collectDatasetFiles, isLocalPath } from "../dataset-files.ts";
import { followJob } from "../follow-job.ts";
import { integer, positive, priority } from "../numbers.ts";
import { showEstimate } from "../show-estimate.ts";

interface TrainOptions {
  model: string;
  dataset: string;
  base?: string;
  recipe: "lora" | "full" | "pretrain";
  trainer: TrainingParameters["trainer"];
  rank?: number;
  alpha?: number;
  learningRate?: number;
  epochs?: number;
  batchSize?: number;
  sequenceLength?: number;
  packing?: boolean;
  seed?: number;
  recompute?: "none" | "layers";
  sampleSteps?: number;
  samplePrompt?: string[];
  systemMetrics?: boolean;
  priority?: JobPriority;
  detach?: boolean;
  dryRun?: boolean;
}

export function registerTrain(program: Command): void {
  program
    .command("train")
    .description("train a new version of a model; registers a new model or dataset by itself")
    .requiredOption("--model <name>", "the model that gets a new version")
    .requiredOption(
      "--dataset <name|path>",
      "a registered dataset, one version of it (name:2), or a file or folder here",
    )
    .option("--base <model>", "what to train on (default: the model's own base, else ember)")
    .addOption(new Option("--recipe <recipe>", "how to train").choices(recipeName.options).default("lora"))
    .addOption(
      new Option("--trainer <trainer>", "what computes it; auto: the best that can do so here")
        .choices(trainingParameters.shape.trainer.unwrap().options)
        .default("auto"),
    )
    .option("--rank <n>", "LoRA rank", integer)
    .option("--alpha <n>", "LoRA alpha; the adapter's scale is alpha/rank", positive)
    .option("--learning-rate <n>", "peak learning rate", positive)
    .option("--epochs <n>", "passes over the training split", positive)
    .option("--batch-size <n>", "rows a step", integer)
    .option("--sequence-length <n>", "tokens a row may have", integer)
    .option("--packing", "put several short rows into one sequence, where none sees another")
    .option("--seed <n>", "seed of everything random", integer)
    .addOption(
      new Option(
        "--recompute <what>",
        "compute layers again in the backward pass: less memory, a third more time (default: where the job would not fit)",
      ).choices(["none", "layers"]),
    )
    .option("--sample-steps <n>", "steps between two rounds of sample answers; 0: none", integer)
    .option(
      "--sample-prompt <text...>",
      "what the model is asked meanwhile (default: rows of the validation split)",
    )
    .option("--system-metrics", "log how busy the machine is into the run, every 10 seconds")
    .option("--priority <priority>", "low, normal, high or a number; higher runs first", priority)
    .option("--detach", "queue the job and return at once")
    .option("--dry-run", "check the recipe and show what it needs; only the dataset is registered")
    .action(train);
}

async function train(options: TrainOptions, command: Command): Promise<void> {
  const { client, output, signal } = await createContext(command);
  const dataset = await findOrUploadDataset(client, options.dataset, signal);
  const recipe = recipeOf(options, dataset);
  const known = await findModel(client, options.model, signal);
  const base = options.recipe === "pretrain" ? {} : { base_model: options.base ?? "ember" };
  // The hub checks the recipe before a name is taken for a model that could not be trained.
  const asked = known === null ? { ...recipe, ...base } : { ...recipe, model_id: known.id };
  const estimate = await client.jobs.estimate(asked, { signal });
  showEstimate(output, estimate);
  if (options.dryRun) {
    output.result({ estimate });
    return;
  }
  const model = known ?? (await createModel(client, options.model, { dataset, base }, signal));
  const priority = options.priority === undefined ? {} : { priority: options.priority };
  const job = await client.jobs.create({ ...recipe, model_id: model.id, ...priority }, { signal });
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

/** The job's request but for the model, which may have to be made first. */
function recipeOf(options: TrainOptions, dataset: Dataset): z.input<typeof estimateJobRequest> {
  return {
    dataset_id: dataset.id,
    recipe: options.recipe,
    trainer: options.trainer,
    ...(options.base === undefined ? {} : { base_model: options.base }),
    ...(options.rank === undefined ? {} : { lora_rank: options.rank }),
    ...(options.alpha === undefined ? {} : { lora_alpha: options.alpha }),
    ...(options.learningRate === undefined ? {} : { learning_rate: options.learningRate }),
    ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
    ...(options.batchSize === undefined ? {} : { batch_size: options.batchSize }),
    ...(options.sequenceLength === undefined ? {} : { sequence_length: options.sequenceLength }),
    ...(options.packing === undefined ? {} : { packing: options.packing }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.recompute === undefined ? {} : { recompute: options.recompute }),
    ...(options.sampleSteps === undefined ? {} : { sample_steps: options.sampleSteps }),
    ...(options.samplePrompt === undefined ? {} : { sample_prompts: options.samplePrompt }),
    ...(options.systemMetrics === undefined ? {} : { system_metrics: options.systemMetrics }),
  };
}

/** A name that is registered wins over a path of the same spelling. */
async function findOrUploadDataset(
  client: HearthClient,
  nameOrPath: string,
  signal: AbortSignal,
): Promise<Dataset> {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*(:[1-9]\d*)?$/.test(nameOrPath)) {
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

async function findModel(client: HearthClient, name: string, signal: AbortSignal): Promise<Model | null> {
  try {
    return await client.models.get(name, { signal });
  } catch (error) {
    if (!(error instanceof HearthApiError && error.code === "not_found")) throw error;
    return null;
  }
}

function createModel(
  client: HearthClient,
  name: string,
  { dataset, base }: { dataset: Dataset; base: { base_model?: string } },
  signal: AbortSignal,
): Promise<Model> {
  const task_type = dataset.labels.length > 0 ? "classification" : "text-generation";
  return client.models.create({ name, task_type, ...base }, { signal });
}
