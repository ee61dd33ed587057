import { Checkbox, Group, Select, Stack, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { HearthApiError } from "@hearth/sdk";
import type { SearchRunsAnswer, TableRun } from "@hearth/wire/hub/runs-table";
import { useCallback, useMemo, useState } from "react";
import { EmptyState } from "../../../components/empty-state.tsx";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { formatCount } from "../../../components/format.ts";
import { ColumnChooser } from "./column-chooser.tsx";
import { allColumns, cellText, usualColumns } from "./columns.ts";
import { FilterInput } from "./filter-input.tsx";
import { RunGroups } from "./run-groups.tsx";
import { runColumns, runsPage, runsTotal, type RunSet } from "./run-queries.ts";
import { RunsGrid } from "./runs-grid.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import type { TableSearch } from "./table-search.ts";

export interface RunsViewProps {
  experimentIds: readonly string[];
  search: TableSearch;
  onSearch: (change: Partial<TableSearch>) => void;
}

const pinnedAtMost = 10;

/** The runs of some experiments: filter, order, groups, columns, choice. */
export function RunsView({ experimentIds, search, onSearch }: RunsViewProps) {
  const queries = useQueryClient();
  const { data: known } = useQuery(runColumns(experimentIds));
  const columns = useMemo(() => search.columns ?? usualColumns(known), [search.columns, known]);
  const set = useMemo<RunSet>(
    () => ({
      experiment_ids: [...experimentIds],
      filter: search.filter ?? "",
      order_by: search.order === undefined ? [] : [search.order],
      stage: search.deleted === true ? "deleted" : "active",
      columns: columns.filter((column) => !column.startsWith("attributes.")),
    }),
    [experimentIds, search.filter, search.order, search.deleted, columns],
  );
  const counted = useQuery({ ...runsTotal(set), placeholderData: keepPreviousData });
  const [selected, setSelected] = useState<ReadonlyMap<string, TableRun>>(new Map());
  const select = useCallback((runs: readonly TableRun[], chosen: boolean) => {
    setSelected((before) => {
      const after = new Map(before);
      for (const run of runs)
        if (chosen) after.set(run.id, run);
        else after.delete(run.id);
      return after;
    });
  }, []);
  const [pins, setPins] = useLocalStorage<string[]>({
    key: `pins ${experimentIds.join()}`,
    defaultValue: [],
  });
  const safePins = pins.filter((id) => /^[\w-]{1,64}$/.test(id)).slice(0, pinnedAtMost);
  const pinnedSet = {
    ...set,
    order_by: [],
    filter: `attributes.run_id IN (${safePins.map((id) => `'${id}'`).join(", ")})`,
  };
  const { data: pinned } = useQuery({ ...runsPage(pinnedSet, 0), enabled: safePins.length > 0 });
  const pin = useCallback(
    (run: TableRun) =>
      setPins((before) =>
        before.includes(run.id)
          ? before.filter((id) => id !== run.id)
          : [...before, run.id].slice(-pinnedAtMost),
      ),
    [setPins],
  );
  const everything = useMemo(() => allColumns(known), [known]);
  const valuesSeen = (column: string): string[] => {
    if (column === "attributes.status") return ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];
    const pages = queries.getQueriesData<SearchRunsAnswer>({ queryKey: ["runs", "table"] });
    const runs = pages.flatMap(([, page]) => page?.items ?? []);
    return [...new Set(runs.map((run) => cellText(run, column)))].filter((value) => value !== "").toSorted();
  };
  const refused = counted.error instanceof HearthApiError && counted.error.status === 400;
  const total = counted.data?.total;
  const groupable = everything.filter((column) => column.startsWith("params.") || column.startsWith("tags."));
  return (
    <Stack gap="xs">
      <FilterInput
        key={search.filter}
        filter={search.filter ?? ""}
        onFilter={(filter) => onSearch({ filter: filter === "" ? undefined : filter })}
        columns={everything}
        values={valuesSeen}
        error={refused ? counted.error?.message : undefined}
      />
      <Group gap="xs" align="center">
        <Select
          aria-label="Group by"
          placeholder="Group by"
          data={groupable}
          value={search.group ?? null}
          onChange={(group) =>
            onSearch({ group: group ?? undefined, metric: search.metric ?? known?.metrics[0] })
          }
          clearable
          searchable
          clearButtonProps={{ "aria-label": "No groups" }}
          w={190}
        />
        {search.group !== undefined && (
          <Select
            aria-label="Metric of the groups"
            data={known?.metrics ?? []}
            value={search.metric ?? null}
            onChange={(metric) => onSearch({ metric: metric ?? undefined })}
            w={170}
          />
        )}
        <ColumnChooser
          all={everything}
          shown={columns}
          onChange={(chosen) => onSearch({ columns: chosen })}
        />
        <Checkbox
          label="Deleted"
          checked={search.deleted === true}
          onChange={(event) => {
            setSelected(new Map());
            onSearch({ deleted: event.currentTarget.checked || undefined });
          }}
        />
        {total !== undefined && !refused && (
          <Text size="sm" c="dimmed" role="status">
            {formatCount(total)} {total === 1 ? "run" : "runs"}
          </Text>
        )}
      </Group>
      <SelectionBar
        selected={selected}
        deleted={search.deleted === true}
        onClear={() => setSelected(new Map())}
      />
      {counted.error !== null && !refused && <ErrorNotice error={counted.error} />}
      {!refused && total === 0 && (
        <EmptyState title={search.filter === undefined ? "No runs here" : "No run matches"}>
          {search.filter === undefined
            ? "Log one from MLflow's client or with @hearth/sdk: it shows up here by itself."
            : "Change the filter, or clear it to see all runs."}
        </EmptyState>
      )}
      {!refused && total !== undefined && total > 0 && search.group !== undefined && (
        <RunGroups
          set={set}
          by={search.group}
          metric={search.metric}
          onOpen={(condition) =>
            onSearch({
              group: undefined,
              filter: search.filter === undefined ? condition : `${search.filter} AND ${condition}`,
            })
          }
        />
      )}
      {!refused && total !== undefined && total > 0 && search.group === undefined && known !== undefined && (
        <RunsGrid
          key={JSON.stringify([set.experiment_ids, set.filter, set.order_by, set.stage])}
          set={set}
          total={total}
          columns={columns}
          order={search.order}
          onOrder={(order) => onSearch({ order })}
          selected={selected}
          onSelect={select}
          pinned={safePins.length === 0 ? [] : (pinned?.items ?? [])}
          onPin={pin}
        />
      )}
    </Stack>
  );
}
