import { IconAlertCircle, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { TraceSpan } from "@hearth/wire/hub/traces";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { formatSeconds } from "../../components/format.ts";
import { onTreeKey } from "../../components/tree-keys.ts";
import { extentMs, spanRows, type SpanRow } from "./span-tree.ts";
import classes from "./waterfall.module.css";

const rowHeight = 30;

export interface WaterfallProps {
  spans: readonly TraceSpan[];
  selected: string | undefined;
  onSelect: (spanId: string) => void;
}

/** Spans over time as a tree: arrows move, open and close, Enter selects. */
export function Waterfall({ spans, selected, onSelect }: WaterfallProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);
  const place = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => spanRows(spans, closed), [spans, closed]);
  const extent = useMemo(() => extentMs(spans), [spans]);
  // No compiler memoizes this page's components.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const current = rows[Math.min(active, rows.length - 1)];

  const fold = (row: SpanRow, open: boolean) => {
    const next = new Set(closed);
    if (open) next.delete(row.span.span_id);
    else next.add(row.span.span_id);
    setClosed(next);
  };
  const onKeyDown = (event: KeyboardEvent) =>
    onTreeKey(event, {
      lines: rows.map(({ hasChildren, depth, open }) => ({ depth, open: hasChildren ? open : null })),
      active: Math.min(active, rows.length - 1),
      move: (index) => {
        setActive(index);
        virtual.scrollToIndex(index);
      },
      fold: (index, open) => {
        const row = rows[index];
        if (row !== undefined) fold(row, open);
      },
      choose: (index) => {
        const row = rows[index];
        if (row !== undefined) onSelect(row.span.span_id);
      },
    });

  return (
    <div
      ref={place}
      role="tree"
      aria-label="Spans"
      tabIndex={0}
      aria-activedescendant={current === undefined ? undefined : `span-${current.span.span_id}`}
      className={classes["tree"]}
      onKeyDown={onKeyDown}
    >
      <div role="none" style={{ position: "relative", height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <Line
              key={row.span.span_id}
              row={row}
              top={start}
              extent={extent}
              active={row === current}
              selected={row.span.span_id === selected}
              onClick={() => {
                setActive(index);
                onSelect(row.span.span_id);
              }}
              onFold={() => fold(row, !row.open)}
            />
          );
        })}
      </div>
    </div>
  );
}

interface LineProps {
  row: SpanRow;
  top: number;
  extent: number;
  active: boolean;
  selected: boolean;
  onClick: () => void;
  onFold: () => void;
}

function Line({ row, top, extent, active, selected, onClick, onFold }: LineProps) {
  const { span, depth, durationMs } = row;
  const failed = span.status === "ERROR";
  const width = (durationMs ?? Math.max(0, extent - row.startMs)) / extent;
  const Chevron = row.open ? IconChevronDown : IconChevronRight;
  return (
    // The keys are the tree's.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      role="treeitem"
      id={`span-${span.span_id}`}
      aria-level={depth + 1}
      aria-selected={selected}
      {...(row.hasChildren ? { "aria-expanded": row.open } : {})}
      data-active={active || undefined}
      className={classes["row"]}
      style={{ top }}
      onClick={onClick}
    >
      <span
        className={classes["name"]}
        style={{ paddingInlineStart: Math.min(depth, 12) * 14 }}
        title={span.name}
      >
        {row.hasChildren ? (
          <Chevron
            size={14}
            aria-hidden
            style={{ flexShrink: 0 }}
            onClick={(event) => {
              event.stopPropagation();
              onFold();
            }}
          />
        ) : (
          <span style={{ width: 14, flexShrink: 0 }} />
        )}
        {failed && (
          <IconAlertCircle
            size={14}
            aria-label="failed"
            color="var(--mantine-color-error)"
            style={{ flexShrink: 0 }}
          />
        )}
        {span.name}
      </span>
      <span className={classes["lane"]}>
        <span
          className={classes["bar"]}
          data-failed={failed || undefined}
          style={{
            left: `${Math.min(100, (row.startMs / extent) * 100)}%`,
            width: `${Math.max(0, Math.min(100, width * 100))}%`,
          }}
        />
      </span>
      <span className={classes["figure"]}>
        {durationMs === null ? "running" : formatSeconds(durationMs / 1000)}
      </span>
    </div>
  );
}
