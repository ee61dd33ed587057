import { Anchor, Group, SegmentedControl, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { HearthApiError } from "@hearth/sdk";
import { lazy, Suspense, useMemo } from "react";
import { EmptyState } from "../../../components/empty-state.tsx";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { formatCount } from "../../../components/format.ts";
import { allColumns } from "../table/columns.ts";
import { FilterInput } from "../table/filter-input.tsx";
import { firstRuns, runSetOf } from "./chart-queries.ts";
import { runCounts, usualCount, type ChartsSearch } from "./charts-search.ts";
import { useRunColumns } from "./use-run-columns.ts";
import { useLineColors } from "./use-line-colors.ts";
import { LinesAndCharts } from "./lines-and-charts.tsx";
import { metricsOf } from "./metric-names.ts";
import { linesOfGroups, linesOfRuns } from "./run-lines.ts";

const ParallelView = lazy(async () => ({ default: (await import("./parallel-view.tsx")).ParallelView }));

export interface ChartsViewProps {
  experimentIds: readonly string[];
  search: ChartsSearch;
  onSearch: (change: Partial<ChartsSearch>) => void;
}

/** The runs of some experiments as charts: which runs, in which groups, and what is drawn of them. */
export function ChartsView({ experimentIds, search, onSearch }: ChartsViewProps) {
  const set = useMemo(
    () => runSetOf(experimentIds, search, search.group === undefined ? [] : [search.group]),
    [experimentIds, search],
  );
  const { data, error } = useQuery(firstRuns(set, search));
  const known = useRunColumns(experimentIds, data);
  const colorOf = useLineColors();
  const lines = useMemo(() => {
    const runs = data?.items ?? [];
    return search.group === undefined
      ? linesOfRuns(runs, colorOf)
      : linesOfGroups(runs, search.group, search.open ?? [], colorOf);
  }, [data, search.group, search.open, colorOf]);
  const metrics = useMemo(() => metricsOf(known?.metrics ?? []), [known]);
  const columns = useMemo(() => allColumns(known), [known]);
  // What is wrong with a filter is told where it is written.
  const refused = search.runs === undefined && error instanceof HearthApiError && error.status === 400;
  const parallel = search.view === "parallel";
  return (
    <Stack gap="xs">
      {search.runs === undefined ? (
        <FilterInput
          key={search.filter}
          filter={search.filter ?? ""}
          onFilter={(filter) => onSearch({ filter: filter === "" ? undefined : filter })}
          columns={columns}
          values={() => []}
          error={refused ? error.message : undefined}
        />
      ) : (
        <Text size="sm">
          Only the runs that were chosen.{" "}
          <Anchor component="button" size="sm" onClick={() => onSearch({ runs: undefined })}>
            Show those of the filter
          </Anchor>
        </Text>
      )}
      <Group gap="xs">
        <SegmentedControl
          aria-label="Kind of chart"
          size="sm"
          data={[
            { value: "lines", label: "Lines" },
            { value: "parallel", label: "Parallel coordinates" },
          ]}
          value={parallel ? "parallel" : "lines"}
          onChange={(value) => onSearch({ view: value === "parallel" ? "parallel" : undefined })}
        />
        {!parallel && (
          <Select
            aria-label="Group by"
            placeholder="Group by"
            data={columns.filter((column) => /^(params|tags)\./.test(column))}
            value={search.group ?? null}
            onChange={(group) =>
              onSearch({ group: group ?? undefined, open: undefined, hidden: undefined, only: undefined })
            }
            clearable
            searchable
            clearButtonProps={{ "aria-label": "No groups" }}
            w={190}
          />
        )}
        {search.runs === undefined && (
          <Select
            aria-label="Runs shown"
            data={runCounts.map((count) => ({ value: String(count), label: `${count} runs` }))}
            value={String(search.show ?? usualCount)}
            onChange={(value) => onSearch({ show: runCounts.find((count) => String(count) === value) })}
            allowDeselect={false}
            w={110}
          />
        )}
        {data !== undefined && !refused && (
          <Text size="sm" c="dimmed" role="status">
            {countOf(data.items.length, data.total, search.order)}
          </Text>
        )}
      </Group>
      {error !== null && !refused && <ErrorNotice error={error} />}
      {!refused && data?.total === 0 && (
        <EmptyState title={search.filter === undefined ? "No runs here" : "No run matches"}>
          {search.filter === undefined
            ? "Log one from MLflow's client or with @hearth/sdk: its charts show up here by themselves."
            : "Change the filter, or clear it to see all runs."}
        </EmptyState>
      )}
      {!refused && data !== undefined && data.total > 0 && known !== undefined && (
        <Suspense fallback={<Skeleton height={300} />}>
          {parallel ? (
            <ParallelView set={set} known={known} search={search} onSearch={onSearch} colorOf={colorOf} />
          ) : (
            <LinesAndCharts lines={lines} metrics={metrics} search={search} onSearch={onSearch} />
          )}
        </Suspense>
      )}
    </Stack>
  );
}

/** `The first 100 of 1,234 runs, by metrics.loss DESC` */
function countOf(shown: number, total: number, order: string | undefined): string {
  if (shown === total) return `${formatCount(total)} ${total === 1 ? "run" : "runs"}`;
  return `The first ${formatCount(shown)} of ${formatCount(total)} runs, ${order === undefined ? "the newest first" : `by ${order}`}`;
}
