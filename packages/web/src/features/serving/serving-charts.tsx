import { SimpleGrid, Text } from "@mantine/core";
import { useMemo } from "react";
import { LineChart } from "../../components/chart/line-chart.tsx";
import { Section } from "../../components/section.tsx";
import type { LineSeries } from "../../components/chart/series.ts";
import { overTime, rateOf, type Counted } from "./over-time.ts";

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
            <Chart key={title} title={title} series={data} />
          ))}
        </SimpleGrid>
      )}
    </Section>
  );
}

function Chart({ title, series }: { title: string; series: LineSeries[] }) {
  const heading = (
    <Text size="sm" fw={600}>
      {title}
    </Text>
  );
  if (series.length > 0)
    return <LineChart label={title} heading={heading} series={series} axis="time" height={height} />;
  return (
    <div>
      {heading}
      <Text c="dimmed" size="sm">
        Not measured in this time.
      </Text>
    </div>
  );
}
