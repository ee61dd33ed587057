import { reproduction } from "@hearth/wire/hub/reproduction";
import { jobProgress, trainingParameters } from "@hearth/wire/hub/training";
import type { JobStatus, TrainingJob } from "@hearth/wire/hub/training";
import { jobGuard } from "@hearth/wire/hub/training-queue";
import type { Selectable } from "kysely";
import { z } from "zod";
import type { JobTable } from "../storage/tables/training.ts";
import { parseSpecification } from "./stored-specification.ts";

/** A row of `jobs` with the names that belong to it. */
export type JobRow = Selectable<JobTable> & { model: string; dataset: string; version: number };

const storedError = z.object({ code: z.string(), message: z.string() });

const storedGuards = z.array(jobGuard);

/** The state of a row: a queued job that nobody is to take is a paused one. */
export function statusOf(row: Pick<Selectable<JobTable>, "status" | "pause_requested">): JobStatus {
  return row.status === "queued" && row.pause_requested === 1 ? "paused" : row.status;
}

/** What guards did to the job of a row, the oldest first. */
export function guardsOf(row: Pick<Selectable<JobTable>, "guards">): TrainingJob["guards"] {
  return row.guards === null ? [] : storedGuards.parse(JSON.parse(row.guards));
}

/** A job as the API shows it. */
export function presentJob(row: JobRow): TrainingJob {
  const { choice } = parseSpecification(row.specification);
  return {
    id: row.id,
    kind: row.kind,
    model_id: row.model_id,
    model: row.model,
    dataset_id: row.dataset_id,
    dataset: row.dataset,
    version_id: row.version_id,
    version: row.version,
    run_id: row.run_id,
    status: statusOf(row),
    priority: row.priority,
    pause_requested: row.status === "running" && row.pause_requested === 1,
    position: row.status === "queued" ? Number(row.position ?? row.sequence) : null,
    parameters: trainingParameters.parse(JSON.parse(row.parameters)),
    trainer: choice.name,
    trainer_reason: choice.reason,
    attempt: row.attempt,
    max_retries: row.max_retries,
    progress: row.progress === null ? null : jobProgress.parse(JSON.parse(row.progress)),
    adapter_sha256: row.result_sha256,
    identical: row.identical === null ? null : row.identical === 1,
    reproduction: row.reproduction === null ? null : reproduction.parse(JSON.parse(row.reproduction)),
    error: row.error === null ? null : storedError.parse(JSON.parse(row.error)),
    guards: guardsOf(row),
    created_at: new Date(row.created_at).toISOString(),
    started_at: row.started_at === null ? null : new Date(row.started_at).toISOString(),
    finished_at: row.finished_at === null ? null : new Date(row.finished_at).toISOString(),
  };
}
