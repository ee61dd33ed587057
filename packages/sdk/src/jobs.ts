import type { Page } from "@hearth/wire/hub/common";
import {
  jobEstimate,
  trainerDescriptions,
  trainingBases,
  jobEvent,
  jobLog,
  trainingJob,
  trainingJobPage,
  trainingQueue,
  trainingSamples,
  type createJobRequest,
  type estimateJobRequest,
  type JobEstimate,
  type JobEvent,
  type JobKind,
  type JobStatus,
  type TrainerDescription,
  type TrainingJob,
  type TrainingQueue,
  type TrainingSample,
} from "@hearth/wire/hub/training";
import type { JobPriority } from "@hearth/wire/hub/training-queue";
import type { z } from "zod";
import { parseEvent } from "./parse-event.ts";
import { pageQueryOf, segment, type CallOptions, type ListOptions, type Transport } from "./transport.ts";

export interface ListJobsOptions extends ListOptions {
  status?: JobStatus | undefined;
  kind?: JobKind | undefined;
  /** Jobs of this version only, by its id. */
  versionId?: string | undefined;
}

/** Training jobs. */
export class JobsClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  create(request: z.input<typeof createJobRequest>, options: CallOptions = {}): Promise<TrainingJob> {
    return this.transport.json(trainingJob, "POST", "/training/jobs", { ...options, body: request });
  }

  /** References (`name:3`) of the versions that a job can start from. */
  async bases(options: CallOptions = {}): Promise<string[]> {
    return (await this.transport.json(trainingBases, "GET", "/training/bases", options)).items;
  }

  /** The trainers, the preferred ones first, and whether each can run on the hub's machine. */
  async trainers(options: CallOptions = {}): Promise<TrainerDescription[]> {
    return (await this.transport.json(trainerDescriptions, "GET", "/training/trainers", options)).items;
  }

  /** What a job would need, after the same checks as its creation; nothing is stored. */
  estimate(request: z.input<typeof estimateJobRequest>, options: CallOptions = {}): Promise<JobEstimate> {
    return this.transport.json(jobEstimate, "POST", "/training/estimate", { ...options, body: request });
  }

  /** Puts a queued job before another one, or (null) at the end. */
  move(id: string, before: string | null, options: CallOptions = {}): Promise<TrainingJob> {
    return this.transport.json(trainingJob, "POST", `/training/jobs/${segment(id)}/move`, {
      ...options,
      body: { before },
    });
  }

  /** The last lines that the job's trainer said, the newest last. */
  async log(id: string, options: CallOptions & { tail?: number } = {}): Promise<string[]> {
    const path = `/training/jobs/${segment(id)}/log`;
    const query = { tail: options.tail };
    return (await this.transport.json(jobLog, "GET", path, { ...options, query })).lines;
  }

  /** What the model said to the job's sample prompts as it was trained, by step and then by prompt. */
  async samples(id: string, options: CallOptions = {}): Promise<TrainingSample[]> {
    const path = `/training/jobs/${segment(id)}/samples`;
    return (await this.transport.json(trainingSamples, "GET", path, options)).samples;
  }

  list(options: ListJobsOptions = {}): Promise<Page<TrainingJob>> {
    const { status, kind, versionId } = options;
    return this.transport.json(trainingJobPage, "GET", "/training/jobs", {
      ...options,
      query: { ...pageQueryOf(options), status, kind, version_id: versionId },
    });
  }

  get(id: string, options: CallOptions = {}): Promise<TrainingJob> {
    return this.transport.json(trainingJob, "GET", `/training/jobs/${segment(id)}`, options);
  }

  cancel(id: string, options: CallOptions = {}): Promise<TrainingJob> {
    return this.transport.json(trainingJob, "POST", `/training/jobs/${segment(id)}/cancel`, options);
  }

  /** A running job leaves a checkpoint, frees its memory and keeps its place; it is told by its status when it has. */
  pause(id: string, options: CallOptions = {}): Promise<TrainingJob> {
    return this.transport.json(trainingJob, "POST", `/training/jobs/${segment(id)}/pause`, options);
  }

  /** A paused job goes on from its checkpoint when its turn comes. */
  resume(id: string, options: CallOptions = {}): Promise<TrainingJob> {
    return this.transport.json(trainingJob, "POST", `/training/jobs/${segment(id)}/resume`, options);
  }

  /** Jobs of a higher priority run first. */
  prioritize(id: string, priority: JobPriority, options: CallOptions = {}): Promise<TrainingJob> {
    return this.transport.json(trainingJob, "POST", `/training/jobs/${segment(id)}/priority`, {
      ...options,
      body: { priority },
    });
  }

  /** What runs, what comes next, and what holds it up. */
  queue(options: CallOptions = {}): Promise<TrainingQueue> {
    return this.transport.json(trainingQueue, "GET", "/training/queue", options);
  }

  /** No job begins until the queue is resumed; running ones wait with a checkpoint, or `finish`. */
  pauseQueue(options: CallOptions & { running?: "pause" | "finish" } = {}): Promise<TrainingQueue> {
    const { running = "pause", ...call } = options;
    return this.transport.json(trainingQueue, "POST", "/training/queue/pause", {
      ...call,
      body: { running },
    });
  }

  resumeQueue(options: CallOptions = {}): Promise<TrainingQueue> {
    return this.transport.json(trainingQueue, "POST", "/training/queue/resume", options);
  }

  /** The job's state of now, then what happens until it ends (or the hub stops: look at the job then). */
  async *events(id: string, options: CallOptions = {}): AsyncGenerator<JobEvent> {
    const path = `/training/jobs/${segment(id)}/events`;
    for await (const event of this.transport.events("GET", path, options))
      yield parseEvent(jobEvent, event, path);
  }
}
