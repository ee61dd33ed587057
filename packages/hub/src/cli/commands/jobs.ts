import type { TrainingJob } from "@hearth/wire/hub/training";
import type { Command } from "commander";
import { createContext } from "../context.ts";
import { describeReproduction } from "../describe-reproduction.ts";
import { describeGuard, describeProgress, describeSample, followJob } from "../follow-job.ts";
import { registerQueue } from "./queue.ts";

export function registerJobs(program: Command): void {
  const jobs = program
    .command("jobs")
    .description("list, follow, pause and cancel training jobs, and read what their models said");
  registerQueue(jobs);

  jobs
    .command("list", { isDefault: true })
    .description("all jobs, newest first")
    .action(async (_options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const page = await client.jobs.list({ pageSize: 200, signal });
      output.table(["JOB", "KIND", "VERSION", "DATASET", "STATUS", "PROGRESS"], page.items.map(jobRow));
      output.result(page);
    });

  jobs
    .command("show <id>")
    .description("one job with its parameters")
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const job = await client.jobs.get(id, { signal });
      output.table(["JOB", "KIND", "VERSION", "DATASET", "STATUS", "PROGRESS"], [jobRow(job)]);
      if (job.error) output.line(`${job.error.code}: ${job.error.message}`);
      for (const line of job.reproduction === null ? [] : describeReproduction(job.reproduction))
        output.line(line);
      for (const guard of job.guards) output.line(describeGuard(guard));
      for (const [key, value] of Object.entries(job.parameters))
        output.line(`  ${key} = ${JSON.stringify(value)}`);
      output.result(job);
    });

  jobs
    .command("follow <id>")
    .description("draw a job until it ends")
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const job = await client.jobs.get(id, { signal });
      output.result(
        await followJob(client, id, { title: `${job.kind} ${job.model}:${job.version}`, signal }),
      );
    });

  jobs
    .command("samples <id>")
    .description("what the model said to the same prompts as it was trained")
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const samples = await client.jobs.samples(id, { signal });
      if (samples.length === 0) output.line("no samples: give a validation split or --sample-prompt");
      for (const sample of samples) output.line(describeSample(sample));
      output.result({ samples });
    });

  jobs
    .command("cancel <id>")
    .description("cancel a queued or running job")
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const job = await client.jobs.cancel(id, { signal });
      output.line(job.status === "cancelled" ? `job ${id} is cancelled` : `job ${id} is being cancelled`);
      output.result(job);
    });
}

function jobRow(job: TrainingJob): string[] {
  const progress = job.progress
    ? `${job.progress.step}/${job.progress.steps} ${describeProgress(job.progress)}`
    : "";
  return [job.id, job.kind, `${job.model}:${job.version}`, job.dataset, job.status, progress];
}
