import { SimpleGrid, Text } from "@mantine/core";
import { useMemo } from "react";
import { LineChart } from "../../components/chart/line-chart.tsx";
import { Section } from "../../components/section.tsx";
import { overTime, rateOf, unitOf, type Counted, type OverTime } from "./over-time.ts";

const height = 190;

/** Latency and throughput of the busiest models over the window. */
export function ServingCharts({ models, at, bucket_seconds }: Counted) {
  const charts = useMemo(() => {
    const statistics = { models, at, bucket_seconds };
    return [
      {
        title: "Time to the first token, median, ms",
        data: overTime(statistics, ({ ttft_ms }, index) => ttft_ms[index] ?? null),
      },
      {
        title: "Time of a whole answer, 95 % within, ms",
        data: overTime(statistics, ({ latency_ms_p95 }, index) => latency_ms_p95[index] ?? null),
      },
      {
        title: "Tokens written a second, all answers together",
        data: overTime(statistics, ({ completion_tokens }, index) =>
          rateOf(completion_tokens, index, statistics),
        ),
      },
      {
        title: "Tokens a second of one answer, median",
        data: overTime(statistics, ({ tokens_per_second }, index) => tokens_per_second[index] ?? null),
      },
    ];
  }, [models, at, bucket_seconds]);
  return (
    <Section title="Over time">
      {models.length === 0 ? (
        <Text c="dimmed" size="sm">
          Nothing was asked in this time.
        </Text>
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          {charts.map(({ title, data }) => (
            <Chart key={title} title={title} data={data} xLabel={unitOf({ bucket_seconds }).name} />
          ))}
        </SimpleGrid>
      )}
    </Section>
  );
}

function Chart({ title, data, xLabel }: { title: string; data: OverTime; xLabel: string }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {data.x.length === 0 ? (
        <Text c="dimmed" size="sm">
          Not measured in this time.
        </Text>
      ) : (
        <LineChart label={title} x={data.x} series={data.lines} height={height} xLabel={xLabel} />
      )}
    </div>
  );
}
