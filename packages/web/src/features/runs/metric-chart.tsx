import { Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { LineChart } from "../../components/chart/line-chart.tsx";
import { smooth } from "../../components/chart/smooth.ts";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount } from "../../components/format.ts";
import { hub } from "../../hub/hub.ts";

export interface MetricChartProps {
  runId: string;
  metric: string;
  /** Weight of the moving average, in [0, 1). */
  smoothing: number;
}

/** The series of one metric of one run, over its steps. */
export function MetricChart({ runId, metric, smoothing }: MetricChartProps) {
  const { data, error } = useQuery({
    queryKey: ["runs", runId, "metrics", metric],
    queryFn: ({ signal }) => hub.runs.metric(runId, metric, { signal, pageSize: 200 }),
    meta: { topics: ["runs"] },
  });
  const drawn = useMemo(() => {
    const points = (data?.items ?? []).toSorted((a, b) => a.step - b.step);
    const y = smooth(
      points.map((point) => point.value),
      smoothing,
    );
    return { x: points.map((point) => point.step), series: [{ label: metric, y }] };
  }, [data, metric, smoothing]);
  return (
    <section>
      <Title order={2} size="h5" style={{ overflowWrap: "anywhere" }}>
        {metric}
      </Title>
      {error !== null && <ErrorNotice error={error} />}
      {data !== undefined && <LineChart label={`${metric} over steps`} x={drawn.x} series={drawn.series} />}
      {data !== undefined && data.total > data.items.length && (
        <Text size="sm" c="dimmed">
          {formatCount(drawn.x.length)} of {formatCount(data.total)} points are drawn.
        </Text>
      )}
    </section>
  );
}
