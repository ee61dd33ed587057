import "./runs-grid.css";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { TableRun } from "@hearth/wire/hub/runs-table";
import { useCallback, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { GridHead } from "./grid-head.tsx";
import { pageSize, runsPage, type RunSet } from "./run-queries.ts";
import { RunRow } from "./run-row.tsx";

export interface RunsGridProps {
  set: RunSet;
  total: number;
  columns: readonly string[];
  order: string | undefined;
  onOrder: (order: string | undefined) => void;
  selected: ReadonlyMap<string, TableRun>;
  onSelect: (runs: readonly TableRun[], selected: boolean) => void;
  pinned: readonly TableRun[];
  onPin: (run: TableRun) => void;
}

const rowHeight = 36;

/** Any number of runs: only the rows in sight exist, and only the pages around them are asked for. */
export function RunsGrid(props: RunsGridProps) {
  const { set, total, columns, selected, onSelect, pinned, onPin } = props;
  const place = useRef<HTMLDivElement>(null);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [active, setActive] = useState(0);
  const last = useRef(0);
  // Its functions are called here only, never handed to a memoized row.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => place.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  const first = Math.floor((items[0]?.index ?? 0) / pageSize);
  const end = Math.floor((items.at(-1)?.index ?? 0) / pageSize);
  const pages = useQueries({
    queries: Array.from({ length: end - first + 1 }, (_, index) => runsPage(set, first + index)),
  });
  const runAt = (index: number) => pages[Math.floor(index / pageSize) - first]?.data?.items[index % pageSize];
  const template = useMemo(
    () => `36px 230px repeat(${columns.length}, minmax(130px, 1fr))`,
    [columns.length],
  );

  const select = useCallback(
    async (run: TableRun, index: number, range: boolean) => {
      const from = range ? last.current : index;
      last.current = index;
      const chosen = !selected.has(run.id);
      if (!range) return onSelect([run], chosen);
      const [low, high] = [Math.min(from, index), Math.max(from, index)];
      const found: TableRun[] = [];
      for (let page = Math.floor(low / pageSize); page <= Math.floor(high / pageSize); page += 1) {
        const { items: some } = await queries.ensureQueryData(runsPage(set, page));
        found.push(...some.filter((_, at) => page * pageSize + at >= low && page * pageSize + at <= high));
      }
      return onSelect(found, true);
    },
    [selected, onSelect, queries, set],
  );
  const pick = useCallback(
    (run: TableRun, index: number, range: boolean) => void select(run, index, range),
    [select],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const screen = Math.max(1, Math.floor((place.current?.clientHeight ?? 0) / rowHeight) - 2);
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + screen,
      PageUp: active - screen,
      Home: 0,
      End: total - 1,
    };
    const next = steps[event.key];
    const run = runAt(active);
    if (next !== undefined) {
      const to = Math.max(0, Math.min(total - 1, next));
      setActive(to);
      rows.scrollToIndex(to);
    } else if (event.key === " " && run !== undefined) pick(run, active, event.shiftKey);
    else if (event.key === "Enter" && run !== undefined) {
      void navigate({
        to: "/experiments/$experimentId/runs/$runId",
        params: { experimentId: run.experiment_id, runId: run.id },
      });
    } else return;
    event.preventDefault();
  };

  const shared = { columns, template, onSelect: pick, onPin };
  const shown = items.some(({ index }) => index === active);
  return (
    <div
      ref={place}
      role="grid"
      tabIndex={0}
      className="runs-grid"
      aria-label="Runs"
      aria-rowcount={total + 1}
      aria-colcount={columns.length + 2}
      aria-multiselectable
      {...(shown ? { "aria-activedescendant": `run-${active}` } : {})}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="runs-head">
        <GridHead columns={columns} template={template} order={props.order} onOrder={props.onOrder} />
        {pinned.map((run, index) => (
          <RunRow
            key={run.id}
            id={`pinned-${index}`}
            run={run}
            index={index}
            ariaIndex={1}
            top={undefined}
            selected={selected.has(run.id)}
            active={false}
            pinned
            {...shared}
          />
        ))}
      </div>
      <div role="rowgroup" className="runs-body" style={{ height: rows.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const run = runAt(index);
          return (
            <RunRow
              key={index}
              id={`run-${index}`}
              run={run}
              index={index}
              ariaIndex={index + 2}
              top={start}
              selected={run !== undefined && selected.has(run.id)}
              active={index === active}
              pinned={run !== undefined && pinned.some(({ id }) => id === run.id)}
              {...shared}
            />
          );
        })}
      </div>
    </div>
  );
}
