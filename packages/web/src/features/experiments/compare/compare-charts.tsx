import { Group, Select, Stack, Title, useComputedColorScheme } from "@mantine/core";
import type { Run } from "@hearth/wire/hub/tracking";
import { useMemo, useState } from "react";
import { Section } from "../../../components/section.tsx";
import { axesOf } from "./axes.ts";
import { EChart } from "./echart.tsx";
import { Parallel } from "./parallel.tsx";

/** Runs as lines through what they were given and what came of it, and as points of two metrics. */
export function CompareCharts({
  runs,
  colorOf,
}: {
  runs: readonly Run[];
  /** By the id of a run: the one that it has in the other charts. */
  colorOf: (id: string) => string;
}) {
  const ink = useComputedColorScheme("light") === "dark" ? "#c9c9c9" : "#424242";
  const axes = useMemo(() => axesOf(runs), [runs]);
  const colored = useMemo(() => runs.map(({ id, name }) => ({ name, color: colorOf(id) })), [runs, colorOf]);
  return (
    <Stack>
      {axes.length > 1 && (
        <Section title="Parallel coordinates">
          <Parallel runs={colored} axes={axes} />
        </Section>
      )}
      <Scatter runs={runs} ink={ink} />
    </Stack>
  );
}

function Scatter({ runs, ink }: { runs: readonly Run[]; ink: string }) {
  const metrics = useMemo(
    () => [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].toSorted(),
    [runs],
  );
  const [chosen, setChosen] = useState<{ x?: string; y?: string }>({});
  const x = chosen.x ?? metrics[0];
  const y = chosen.y ?? metrics[1];
  const option = useMemo(() => {
    const axis = {
      type: "value" as const,
      scale: true,
      axisLabel: { color: ink },
      nameTextStyle: { color: ink },
    };
    return {
      animation: false,
      grid: { left: 60, right: 30, top: 30, bottom: 45 },
      xAxis: { ...axis, name: x, nameLocation: "middle" as const, nameGap: 28 },
      yAxis: { ...axis, name: y },
      // Names of runs are foreign text: drawn, never read as HTML.
      tooltip: { renderMode: "richText" as const, trigger: "item" as const, formatter: "{b}" },
      series: [
        {
          type: "scatter" as const,
          itemStyle: { color: "#0072b2" },
          data: runs.flatMap((run) => {
            const [a, b] = [x, y].map((key) => (key === undefined ? null : (run.metrics[key] ?? null)));
            return a === null || b === null ? [] : [{ name: run.name, value: [a, b] }];
          }),
        },
      ],
    };
  }, [runs, x, y, ink]);
  if (x === undefined || y === undefined) return null;
  return (
    <section aria-label="Scatter">
      <Group>
        <Title order={2} size="h4">
          Two metrics
        </Title>
        <Select
          aria-label="Across"
          data={metrics}
          value={x}
          onChange={(metric) => metric !== null && setChosen({ ...chosen, x: metric })}
          w={170}
        />
        <Select
          aria-label="Up"
          data={metrics}
          value={y}
          onChange={(metric) => metric !== null && setChosen({ ...chosen, y: metric })}
          w={170}
        />
      </Group>
      <EChart label={`Scatter of ${x} and ${y}`} option={option} height={280} />
    </section>
  );
}
