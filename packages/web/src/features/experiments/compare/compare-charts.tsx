import { Group, Select, Stack, Text, Title, useComputedColorScheme } from "@mantine/core";
import type { Run } from "@hearth/wire/hub/tracking";
import type { EChartsType } from "echarts/core";
import { useCallback, useMemo, useState } from "react";
import { z } from "zod";
import { axesOf, within } from "./axes.ts";
import { EChart } from "./echart.tsx";

const drawn = z.object({ parallelAxisId: z.string(), intervals: z.array(z.array(z.number())) });

/** Runs as lines through what they were given and what came of it, and as points of two metrics. */
export function CompareCharts({ runs }: { runs: readonly Run[] }) {
  const ink = useComputedColorScheme("light") === "dark" ? "#c9c9c9" : "#424242";
  const axes = useMemo(() => axesOf(runs), [runs]);
  const [kept, setKept] = useState<readonly string[]>();
  const option = useMemo(
    () => ({
      animation: false,
      parallel: { left: 40, right: 80, top: 40, bottom: 24 },
      parallelAxis: axes.map((axis, dim) => ({
        id: String(dim),
        dim,
        name: axis.name,
        type: axis.categories === undefined ? ("value" as const) : ("category" as const),
        ...(axis.categories === undefined ? { scale: true } : { data: axis.categories }),
        nameTextStyle: { color: ink, width: 110, overflow: "truncate" as const },
        axisLabel: { color: ink, width: 90, overflow: "truncate" as const },
        axisLine: { lineStyle: { color: ink } },
      })),
      series: [
        {
          type: "parallel" as const,
          lineStyle: { width: 2, color: "#d55e00", opacity: 0.7 },
          inactiveOpacity: 0.08,
          data: runs.map((run, at) => ({
            name: run.name,
            value: axes.map(({ values }) => values[at] ?? "-"),
          })),
        },
      ],
    }),
    [axes, runs, ink],
  );
  const listen = useCallback(
    (chart: EChartsType) => {
      const intervals = new Map<number, number[][]>();
      chart.on("axisareaselected", (event) => {
        const area = drawn.safeParse(event);
        if (!area.success) return;
        intervals.set(Number(area.data.parallelAxisId), area.data.intervals);
        const free = [...intervals.values()].every((one) => one.length === 0);
        setKept(
          free ? undefined : runs.filter((_, at) => within(axes, intervals, at)).map(({ name }) => name),
        );
      });
    },
    [axes, runs],
  );
  return (
    <Stack>
      {axes.length > 1 && (
        <section aria-label="Parallel coordinates">
          <Title order={2} size="h4">
            Parallel coordinates
          </Title>
          <EChart
            label={`Parallel coordinates of ${runs.length} runs`}
            option={option}
            height={300}
            onChart={listen}
          />
          <Text size="sm" c="dimmed" role="status" style={{ overflowWrap: "anywhere" }}>
            {kept === undefined
              ? "Draw along an axis to keep only the runs that lie there."
              : `${kept.length} of ${runs.length}: ${kept.join(", ")}`}
          </Text>
        </section>
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
