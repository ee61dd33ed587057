import type { JobProgress } from "@hearth/wire/hub/training";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Jobs } from "../training/training.ts";

/**
 * Feeds the gauges of the running job. One job runs at a time: a new one takes the place of
 * the last, so that the series do not grow with the number of jobs.
 */
export function watchJobs(
  jobs: Pick<Jobs, "get">,
  metrics: Metrics,
): (jobId: string, progress: JobProgress) => void {
  let current: { id: string; model: Promise<string> } | null = null;
  return (jobId, progress) => {
    if (current?.id !== jobId) {
      for (const gauge of [metrics.jobLoss, metrics.jobTokensPerSecond, metrics.jobStep]) gauge.reset();
      // The model's name is only a label: without it the figures are still true.
      current = {
        id: jobId,
        model: jobs.get(jobId).then(
          (job) => job.model,
          () => "unknown",
        ),
      };
    }
    const { id, model } = current;
    void model.then((name) => {
      if (current?.id !== id) return;
      const labels = { job: id, model: name };
      metrics.jobStep.set(labels, progress.step);
      if (progress.loss !== null) metrics.jobLoss.set(labels, progress.loss);
      if (progress.tokens_per_second !== null)
        metrics.jobTokensPerSecond.set(labels, progress.tokens_per_second);
    });
  };
}
