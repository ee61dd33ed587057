import { MultiSelect, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { RunColumns } from "@hearth/wire/hub/experiments";
import { useMemo } from "react";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { metricAxis, mostAxes, paramAxis } from "../compare/axes.ts";
import { Parallel } from "../compare/parallel.tsx";
import { splitColumn } from "../table/columns.ts";
import type { RunSet } from "../table/run-queries.ts";
import { firstRuns } from "./chart-queries.ts";
import { isShown, type ChartsSearch } from "./charts-search.ts";
import { metricsOf, usualMetrics } from "./metric-names.ts";

export interface ParallelViewProps {
  set: RunSet;
  known: RunColumns;
  search: ChartsSearch;
  onSearch: (change: Partial<ChartsSearch>) => void;
  /** By the id of a run: the one that it has in the other charts. */
  colorOf: (id: string) => string;
}

/** The runs as lines through axes that are chosen: parameters and the latest values of metrics. */
export function ParallelView({ set, known, search, onSearch, colorOf }: ParallelViewProps) {
  const columns = useMemo(
    () => [
      ...known.params.map((name) => `params.${name}`),
      ...metricsOf(known.metrics).map((name) => `metrics.${name}`),
    ],
    [known],
  );
  const axes = useMemo(
    () => (search.axes ?? usualAxes(known)).filter((column) => columns.includes(column)).slice(0, mostAxes),
    [search.axes, known, columns],
  );
  const { data, error } = useQuery(firstRuns({ ...set, columns: axes }, search));
  const drawn = useMemo(() => {
    const runs = (data?.items ?? []).filter(({ id }) => search.group !== undefined || isShown(search, id));
    return {
      runs: runs.map(({ id, name }) => ({ name, color: colorOf(id) })),
      axes: axes.map((column) => {
        const [kind, key] = splitColumn(column);
        return kind === "params" ? paramAxis(runs, key) : metricAxis(runs, key);
      }),
    };
  }, [data, axes, search, colorOf]);
  return (
    <Stack>
      <MultiSelect
        label="Axes"
        placeholder="Add an axis"
        data={columns}
        value={axes}
        onChange={(chosen) => onSearch({ axes: chosen.length === 0 ? undefined : chosen })}
        maxValues={mostAxes}
        searchable
        limit={60}
      />
      {error !== null && <ErrorNotice error={error} />}
      {data === undefined && error === null && <Skeleton height={300} />}
      {data !== undefined && axes.length < 2 && <Text c="dimmed">Choose two axes or more.</Text>}
      {data !== undefined && axes.length >= 2 && <Parallel runs={drawn.runs} axes={drawn.axes} />}
    </Stack>
  );
}

function usualAxes(known: RunColumns): string[] {
  return [
    ...known.params.slice(0, 5).map((name) => `params.${name}`),
    ...usualMetrics(known.metrics)
      .slice(0, 3)
      .map((name) => `metrics.${name}`),
  ];
}
