import type { JobProgress } from "@hearth/wire/hub/training";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Jobs } from "../training/training.ts";

/**
 * Feeds the gauges of running jobs. When a job begins, the series of those that have ended go, so that they do
 * not grow with the number of jobs.
 */
export function watchJobs(
  jobs: Pick<Jobs, "get">,
  metrics: Metrics,
  active: () => readonly string[],
): (jobId: string, progress: JobProgress) => void {
  const models = new Map<string, Promise<string>>();
  const gauges = [metrics.jobLoss, metrics.jobTokensPerSecond, metrics.jobStep];
  const forgetEnded = (): void => {
    const running = new Set(active());
    for (const id of [...models.keys()].filter((known) => !running.has(known))) models.delete(id);
    // Those that still run have their values again with their next step.
    for (const gauge of gauges) gauge.reset();
  };
  return (jobId, progress) => {
    if (!models.has(jobId)) {
      forgetEnded();
      // The model's name is only a label: without it the figures are still true.
      const name = jobs.get(jobId).then(
        (job) => job.model,
        () => "unknown",
      );
      models.set(jobId, name);
    }
    void models.get(jobId)?.then((name) => {
      if (!models.has(jobId)) return;
      const labels = { job: jobId, model: name };
      metrics.jobStep.set(labels, progress.step);
      if (progress.loss !== null) metrics.jobLoss.set(labels, progress.loss);
      if (progress.tokens_per_second !== null)
        metrics.jobTokensPerSecond.set(labels, progress.tokens_per_second);
    });
  };
}
