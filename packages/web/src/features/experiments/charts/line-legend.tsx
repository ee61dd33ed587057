import "./line-legend.css";
import { ActionIcon, Anchor, Button, Checkbox, Group, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { isShown, toggled, type LinesSearch } from "./charts-search.ts";
import type { RunLine } from "./run-lines.ts";

export interface LineLegendProps {
  lines: readonly RunLine[];
  search: LinesSearch;
  onSearch: (change: Partial<LinesSearch>) => void;
  /** The line that is pointed at stands out in the charts. */
  onPoint: (id: string | undefined) => void;
}

/** px */
const rowHeight = 30;

/** Every line with its colour: hidden and shown by its box, opened by its name. */
export function LineLegend({ lines, search, onSearch, onPoint }: LineLegendProps) {
  const place = useRef<HTMLDivElement>(null);
  // Its functions are called here only, never handed to a memoized row.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  return (
    <section aria-label="Lines" className="line-legend">
      <Group gap={0}>
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => onSearch({ only: undefined, hidden: undefined })}
        >
          Show all
        </Button>
        <Button size="compact-xs" variant="subtle" onClick={() => onSearch({ only: [], hidden: undefined })}>
          Hide all
        </Button>
      </Group>
      <div ref={place} className="line-legend-rows">
        <ul style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            if (line === undefined) return null;
            return (
              <li
                key={line.id}
                style={{ transform: `translateY(${start}px)` }}
                className={line.parent === undefined ? undefined : "line-legend-child"}
              >
                <LegendRow line={line} search={search} onSearch={onSearch} onPoint={onPoint} />
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

function LegendRow({ line, search, onSearch, onPoint }: Omit<LineLegendProps, "lines"> & { line: RunLine }) {
  const { id, label, color, runs, group } = line;
  const open = search.open?.includes(id) === true;
  const [run] = runs;
  const pointing = {
    onPointerEnter: () => onPoint(id),
    onPointerLeave: () => onPoint(undefined),
    onFocus: () => onPoint(id),
    onBlur: () => onPoint(undefined),
  };
  const turnOpen = () => {
    const next = open ? search.open?.filter((one) => one !== id) : [...(search.open ?? []), id];
    onSearch({ open: next?.length === 0 ? undefined : next });
  };
  return (
    <>
      <Checkbox
        size="xs"
        aria-label={`Show ${label}`}
        checked={isShown(search, id)}
        onChange={() => onSearch(toggled(search, id))}
        {...pointing}
      />
      <span aria-hidden className="line-legend-color" style={{ background: color }} />
      {group && (
        <>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={`Runs of ${label}`}
            aria-expanded={open}
            onClick={turnOpen}
            {...pointing}
          >
            {open ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
          </ActionIcon>
          <Text size="sm" truncate title={label}>
            {label}
          </Text>
          <Text size="sm" c="dimmed">
            {runs.length}
          </Text>
        </>
      )}
      {!group && run !== undefined && (
        <Anchor
          size="sm"
          truncate
          flex={1}
          title={label}
          {...pointing}
          renderRoot={(props) => (
            <Link
              to="/experiments/$experimentId/runs/$runId"
              params={{ experimentId: run.experiment_id, runId: run.id }}
              {...props}
            />
          )}
        >
          {label}
        </Anchor>
      )}
    </>
  );
}
