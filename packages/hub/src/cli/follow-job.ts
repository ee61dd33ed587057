import type { HearthClient } from "@hearth/sdk";
import type { JobProgress, TrainingJob, TrainingSample } from "@hearth/wire/hub/training";
import type { JobGuard } from "@hearth/wire/hub/training-queue";
import { printable } from "./printable.ts";
import { Unsuccessful } from "./errors.ts";
import { formatDuration } from "./output.ts";
import { startStage, type Stage } from "./progress.ts";

export interface FollowOptions {
  title: string;
  signal: AbortSignal;
  /** Where the bar is drawn. */
  stream?: NodeJS.WriteStream;
}

const FINISHED = new Set(["completed", "failed", "cancelled"]);

/**
 * Draws a job until it ends and returns it. Throws `Unsuccessful` when it failed or was
 * cancelled. A hub that restarts meanwhile is waited for: the job goes on there.
 */
export async function followJob(
  client: HearthClient,
  id: string,
  options: FollowOptions,
): Promise<TrainingJob> {
  const stage = startStage(options.title, options.stream);
  let job: TrainingJob;
  try {
    job = await followToEnd(client, id, stage, options.signal);
  } catch (error) {
    stage.failed(error instanceof Error ? error.message : String(error));
    throw error;
  }
  if (job.status !== "completed") {
    const reason = job.error?.message ?? `it was ${job.status}`;
    stage.failed(job.status);
    throw new Unsuccessful(`job ${job.id} did not complete: ${reason}`);
  }
  stage.done(job.progress ? describeProgress(job.progress) : "");
  return job;
}

async function followToEnd(
  client: HearthClient,
  id: string,
  stage: Stage,
  signal: AbortSignal,
): Promise<TrainingJob> {
  for (;;) {
    for await (const event of client.jobs.events(id, { signal })) {
      if (event.type === "progress")
        stage.update(fractionOf(event.progress), describeProgress(event.progress));
      if (event.type === "sample") stage.say(describeSample(event.sample));
      if (event.type === "guard") stage.say(describeGuard(event.guard));
      if (event.type === "status") {
        if (FINISHED.has(event.job.status)) return event.job;
        if (event.job.status === "queued") stage.update(0, "queued");
        if (event.job.status === "paused")
          stage.update(0, `paused; \`hearth jobs resume ${id}\` lets it go on`);
      }
    }
    // The stream ended early: look at the job, and listen again while it goes on.
    const job = await client.jobs.get(id, { signal });
    if (FINISHED.has(job.status)) return job;
  }
}

function fractionOf(progress: JobProgress): number {
  return progress.steps === 0 ? 0 : progress.step / progress.steps;
}

/** `loss 0.412, 4100 tokens/s, 12 s left` */
export function describeProgress(progress: JobProgress): string {
  const parts: string[] = [];
  // The last phase's word stays in the row of a job that is done.
  if (progress.phase !== "training" && progress.phase !== "archiving") parts.push(progress.phase);
  if (progress.loss !== null) parts.push(`loss ${progress.loss.toFixed(3)}`);
  if (progress.tokens_per_second !== null) parts.push(`${Math.round(progress.tokens_per_second)} tokens/s`);
  if (progress.seconds_left !== null && progress.phase === "training") {
    parts.push(`${formatDuration(progress.seconds_left)} left`);
  }
  return parts.join(", ");
}

/** `guard loss_spike at step 40 (reported): the loss is …` */
export function describeGuard({ kind, action, step, message }: JobGuard): string {
  const where = step === null ? "" : ` at step ${step}`;
  return printable(`guard ${kind}${where} (${action.replaceAll("_", " ")}): ${message}`);
}

/** Of prompts and answers that are long, the beginning. */
const shownCharacters = 60;

/** `step 40: "is this spam?" → "yes" (expected "no")`, in one line. */
export function describeSample({ step, prompt, expected, answer, complete }: TrainingSample): string {
  const said = `step ${step}: ${quoted(prompt)} → ${quoted(answer)}${complete ? "" : "…"}`;
  return expected === null || expected === answer ? said : `${said} (expected ${quoted(expected)})`;
}

function quoted(text: string): string {
  const line = printable(text).replaceAll(/\s+/g, " ");
  return `"${line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line}"`;
}
