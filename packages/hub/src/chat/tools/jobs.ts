import { jobStatus, trainingJob, trainingParameters } from "@hearth/wire/hub/training";
import { z } from "zod";
import { tool } from "./tool.ts";

const logLines = 60;

/** What a model is told of a job everywhere. */
const brief = trainingJob.pick({
  id: true,
  model: true,
  version: true,
  dataset: true,
  status: true,
  progress: true,
  error: true,
  run_id: true,
  created_at: true,
  started_at: true,
  finished_at: true,
});

export const listJobs = tool({
  name: "list_jobs",
  title: "List training jobs",
  description: "Training jobs, the newest first, with status, progress and loss.",
  input: z.strictObject({ status: jobStatus.optional(), limit: z.int().min(1).max(50).default(10) }),
  run: async ({ status, limit }, { jobs }) => {
    const { total, items } = await jobs.list({ page: 1, page_size: limit }, status);
    return { total, jobs: items.map((job) => brief.parse(job)) };
  },
});

export const explainJob = tool({
  name: "explain_job",
  title: "Explain a job",
  description:
    "Everything about one training job: its state, parameters, error, and the last lines of its log. Use it to say why a job failed.",
  input: z.strictObject({ job_id: z.string().min(1).max(200) }),
  run: async ({ job_id }, { jobs }) => {
    const job = await jobs.get(job_id);
    const log = await jobs.log(job.id, logLines);
    return { ...brief.parse(job), parameters: job.parameters, attempt: job.attempt, last_log_lines: log };
  },
});

export const startJob = tool({
  name: "start_job",
  title: "Start a training job",
  description: "Train a new version of a model on a data set. What is not given has a sane default.",
  changes: true,
  input: z.strictObject({
    model: z.string().min(1).max(200).describe("name of a registered model"),
    dataset: z.string().min(1).max(200),
    base_model: z.string().max(300).optional(),
    recipe: z.enum(["lora", "full"]).default("lora"),
    lora_rank: z.int().min(1).max(256).optional(),
    learning_rate: z.number().positive().max(1).optional(),
    epochs: z.number().positive().max(1000).optional(),
    batch_size: z.int().min(1).max(1024).optional(),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .optional(),
  }),
  run: async ({ model, dataset, base_model, ...given }, { jobs }) => {
    const parameters = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const job = await jobs.create({
      ...trainingParameters.parse(parameters),
      model_id: model,
      dataset_id: dataset,
      ...(base_model === undefined ? {} : { base_model }),
    });
    return brief.parse(job);
  },
});

export const cancelJob = tool({
  name: "cancel_job",
  title: "Cancel a job",
  description: "Stop a training job that is queued or running.",
  changes: true,
  input: z.strictObject({ job_id: z.string().min(1).max(200) }),
  run: async ({ job_id }, { jobs }) => brief.parse(await jobs.cancel(job_id)),
});
