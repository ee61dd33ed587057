import { SimpleGrid } from "@mantine/core";
import type { MetricValue } from "@hearth/wire/hub/tracking";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { LineChart, type LineSeries } from "../../components/chart/line-chart.tsx";
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
      {losses.x.length > 0 && <LineChart label="Loss by step" x={losses.x} series={losses.series} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {speeds.x.length > 0 && <LineChart label="Tokens a second by step" height={160} {...speeds} />}
        {rates.x.length > 0 && <LineChart label="Learning rate by step" height={160} {...rates} />}
      </SimpleGrid>
    </>
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

function single(label: string, points: readonly MetricValue[]) {
  return { x: points.map(({ step }) => step), series: [{ label, y: points.map(({ value }) => value) }] };
}

function joinLosses(
  loss: readonly MetricValue[],
  validation: readonly MetricValue[],
  live: readonly LivePoint[],
) {
  const losses = new Map(live.map((point) => [point.step, point.loss]));
  for (const { step, value } of loss) losses.set(step, value);
  const held = new Map(validation.map(({ step, value }) => [step, value]));
  const x = [...new Set([...losses.keys(), ...held.keys()])].toSorted((one, other) => one - other);
  const series: LineSeries[] = [{ label: "loss", y: x.map((step) => losses.get(step) ?? null) }];
  if (held.size > 0)
    series.push({ label: "validation loss", spanGaps: true, y: x.map((step) => held.get(step) ?? null) });
  return { x, series };
}
