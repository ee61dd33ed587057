import { Stack, Text, useComputedColorScheme } from "@mantine/core";
import type { EChartsType } from "echarts/core";
import { useCallback, useMemo, useState } from "react";
import { z } from "zod";
import { within, type Axis } from "./axes.ts";
import { EChart } from "./echart.tsx";

const drawn = z.object({ parallelAxisId: z.string(), intervals: z.array(z.array(z.number())) });

export interface ParallelProps {
  /** In the order of the values of the axes. */
  runs: readonly { name: string; color: string }[];
  axes: readonly Axis[];
}

/** Runs as lines through what they were given and what came of it. */
export function Parallel({ runs, axes }: ParallelProps) {
  const ink = useComputedColorScheme("light") === "dark" ? "#c9c9c9" : "#424242";
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
          lineStyle: { width: 2, opacity: 0.7 },
          inactiveOpacity: 0.08,
          data: runs.map((run, at) => ({
            name: run.name,
            lineStyle: { color: run.color },
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
    <Stack gap="xs">
      <EChart
        label={`Parallel coordinates of ${runs.length} runs`}
        option={option}
        height={300}
        onChart={listen}
      />
      <Text size="sm" c="dimmed" role="status" style={{ overflowWrap: "anywhere" }}>
        {kept === undefined
          ? "Draw along an axis to keep only the runs that lie there."
          : `${kept.length} of ${runs.length}: ${kept.slice(0, mostNamed).join(", ")}${kept.length > mostNamed ? " …" : ""}`}
      </Text>
    </Stack>
  );
}

/** More names than these nobody reads. */
const mostNamed = 50;
