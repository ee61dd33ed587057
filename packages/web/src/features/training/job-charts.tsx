import { SimpleGrid, Title } from "@mantine/core";
import type { MetricValue } from "@hearth/wire/hub/tracking";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { LineChart } from "../../components/chart/line-chart.tsx";
import type { LineSeries } from "../../components/chart/series.ts";
import { hub } from "../../hub/hub.ts";
import type { LivePoint } from "./use-job-events.ts";

const pageSize = 200;

/** Loss, speed and learning rate of a job: the run's history, and what came since. */
export function JobCharts({ job, live }: { job: TrainingJob; live: readonly LivePoint[] }) {
  const [loss, validation, speed, rate] = [
    useMetric(job, "loss"),
    useMetric(job, "validation_loss"),
    useMetric(job, "tokens_per_second"),
    useMetric(job, "learning_rate"),
  ];
  const losses = useMemo(() => joinLosses(loss, validation, live), [loss, validation, live]);
  const speeds = useMemo(() => single("tokens/s", speed), [speed]);
  const rates = useMemo(() => single("learning rate", rate), [rate]);
  return (
    <>
      {losses.length > 0 && <LineChart label="Loss by step" heading={heading("Loss")} series={losses} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {speed.length > 0 && (
          <LineChart
            label="Tokens a second by step"
            heading={heading("Tokens a second")}
            height={160}
            series={speeds}
          />
        )}
        {rate.length > 0 && (
          <LineChart
            label="Learning rate by step"
            heading={heading("Learning rate")}
            height={160}
            series={rates}
          />
        )}
      </SimpleGrid>
    </>
  );
}

function heading(text: string) {
  return (
    <Title order={2} size="h5">
      {text}
    </Title>
  );
}

const none: readonly MetricValue[] = [];

function useMetric(job: TrainingJob, key: string): readonly MetricValue[] {
  const { data } = useQuery({
    queryKey: ["training", job.id, "metric", key],
    queryFn: async ({ signal }) => {
      const points: MetricValue[] = [];
      for (let page = 1; ; page++) {
        const { items, total } = await hub.runs.metric(job.run_id, key, { page, pageSize, signal });
        points.push(...items);
        if (items.length === 0 || points.length >= total) return points;
      }
    },
    // A run without a validation has no such metric.
    retry: false,
    meta: { topics: ["runs"] },
  });
  return data ?? none;
}

function single(label: string, points: readonly MetricValue[]): LineSeries[] {
  return [{ label, x: points.map(({ step }) => step), y: points.map(({ value }) => value) }];
}

function joinLosses(
  loss: readonly MetricValue[],
  validation: readonly MetricValue[],
  live: readonly LivePoint[],
): LineSeries[] {
  const losses = new Map(live.map((point) => [point.step, point.loss]));
  for (const { step, value } of loss) losses.set(step, value);
  const held = new Map(validation.map(({ step, value }) => [step, value]));
  const byStep = (points: ReadonlyMap<number, number | null>) =>
    [...points].toSorted(([one], [other]) => one - other);
  return [
    { label: "loss", points: byStep(losses) },
    { label: "validation loss", points: byStep(held) },
  ]
    .filter(({ points }) => points.length > 0)
    .map(({ label, points }) => ({
      label,
      x: points.map(([step]) => step),
      y: points.map(([, value]) => value),
    }));
}
