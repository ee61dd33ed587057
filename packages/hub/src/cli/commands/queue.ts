import type { TrainingJob, TrainingQueue } from "@hearth/wire/hub/training";
import { priorityName, type JobPriority } from "@hearth/wire/hub/training-queue";
import { Argument, type Command } from "commander";
import { createContext } from "../context.ts";
import { priority } from "../numbers.ts";
import { formatBytes } from "../output.ts";

/** What is done to jobs that wait, under `hearth jobs`. */
export function registerQueue(jobs: Command): void {
  jobs
    .command("pause <id>")
    .description("let a job wait; a running one leaves a checkpoint, frees its memory and keeps its place")
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const job = await client.jobs.pause(id, { signal });
      output.line(job.status === "paused" ? `job ${id} is paused` : `job ${id} is being paused`);
      output.result(job);
    });

  jobs
    .command("resume <id>")
    .description("let a paused job go on from its checkpoint when its turn comes")
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const job = await client.jobs.resume(id, { signal });
      output.line(`job ${id} is ${job.status}`);
      output.result(job);
    });

  jobs
    .command("priority <id>")
    .description("give a job another priority; higher runs first")
    .addArgument(
      new Argument("<priority>", "low, normal, high or a number from -100 to 100").argParser(priority),
    )
    .action(async (id: string, wanted: JobPriority, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const job = await client.jobs.prioritize(id, wanted, { signal });
      output.line(`job ${id} has the priority ${priorityName(job.priority)}`);
      output.result(job);
    });

  jobs
    .command("queue")
    .addArgument(new Argument("[action]", "pause or resume all of it").choices(["pause", "resume"]))
    .description("what runs and what comes next; with pause or resume, the queue as a whole")
    .option("--let-finish", "with pause: running jobs go on to their ends")
    .action(async (action: string | undefined, options: { letFinish?: boolean }, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const running = options.letFinish === true ? "finish" : "pause";
      const queue =
        action === "pause"
          ? await client.jobs.pauseQueue({ running, signal })
          : action === "resume"
            ? await client.jobs.resumeQueue({ signal })
            : await client.jobs.queue({ signal });
      output.line(describeQueue(queue));
      const all = [...queue.running, ...queue.queued, ...queue.paused_jobs];
      output.table(["JOB", "VERSION", "PRIORITY", "STATUS"], all.map(queueRow));
      output.result(queue);
    });
}

function describeQueue(queue: TrainingQueue): string {
  const { pace, celsius, watts } = queue;
  const heat = [...(celsius === null ? [] : [`${celsius} °C`]), ...(watts === null ? [] : [`${watts} W`])];
  const words = [
    queue.paused ? "the queue is paused" : "the queue is open",
    `${queue.concurrency} at a time`,
    ...(pace.reason === "serving" ? [`gives way to answers (${Math.round(100 * pace.share)} %)`] : []),
    ...(pace.reason === "cooldown" ? ["waits for the machine to cool"] : []),
    ...heat,
    ...(queue.reserved_disk_bytes > 0 ? [`${formatBytes(queue.reserved_disk_bytes)} of disk reserved`] : []),
  ];
  return words.join(", ");
}

function queueRow(job: TrainingJob): string[] {
  const status = job.pause_requested ? "running, to be paused" : job.status;
  return [job.id, `${job.model}:${job.version}`, priorityName(job.priority), status];
}
