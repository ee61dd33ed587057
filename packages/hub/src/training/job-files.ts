import type { TrainingJob } from "@hearth/wire/hub/training";
import { isFinal } from "./job-state.ts";
import type { TrainingArtifacts } from "./dependencies.ts";
import type { JobQueue } from "./queue.ts";

/** Removes what a job that has ended leaves behind; of one that made no version also what it had archived. */
export async function removeJobFiles(
  artifacts: TrainingArtifacts,
  job: Pick<TrainingJob, "id" | "kind" | "status" | "version_id">,
): Promise<void> {
  // The job's folder last: it is what a hub that was killed in between finds the rest by.
  if (job.kind === "train" && job.status !== "completed") await artifacts.removeArchive(job.version_id);
  await artifacts.removeJobFolder(job.id);
}

const jobId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Removes the folders of jobs that had ended when their hub was killed. Folders of jobs that the database does
 * not know are removed only where no other hub can have made them.
 */
export async function removeAbandonedFolders(
  { artifacts, queue }: { artifacts: TrainingArtifacts; queue: JobQueue },
  exclusive: boolean,
): Promise<void> {
  // First the folders, then the jobs: one that begins meanwhile is not among them.
  for (const name of await artifacts.jobFolders()) {
    if (!jobId.test(name)) continue;
    const job = await queue.find(name);
    if (job === null) {
      if (exclusive) await artifacts.removeJobFolder(name);
    } else if (isFinal(job.status)) await removeJobFiles(artifacts, job);
  }
}
