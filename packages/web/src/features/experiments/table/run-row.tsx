import { ActionIcon, Anchor, Checkbox } from "@mantine/core";
import type { TableRun } from "@hearth/wire/hub/runs-table";
import { IconPin, IconPinnedFilled } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { cellText } from "./columns.ts";

export interface RunRowProps {
  id: string;
  /** Undefined while it is on its way. */
  run: TableRun | undefined;
  index: number;
  ariaIndex: number;
  /** px from the top of the rows; undefined for one that stands in the head. */
  top: number | undefined;
  columns: readonly string[];
  template: string;
  selected: boolean;
  active: boolean;
  pinned: boolean;
  onSelect: (run: TableRun, index: number, range: boolean) => void;
  onPin: (run: TableRun) => void;
}

/** One run in the table. */
export const RunRow = memo(function RunRow(props: RunRowProps) {
  const { id, run, index, ariaIndex, top, columns, template, selected, active, pinned } = props;
  const style = {
    gridTemplateColumns: template,
    ...(top === undefined ? {} : { transform: `translateY(${top}px)` }),
  };
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={ariaIndex}
      aria-selected={selected}
      className="runs-row"
      data-active={active || undefined}
      style={style}
    >
      <div role="gridcell" className="runs-cell">
        {run !== undefined && (
          <Checkbox
            size="xs"
            tabIndex={-1}
            aria-label={`Select ${run.name}`}
            checked={selected}
            readOnly
            onClick={(event) => props.onSelect(run, index, event.shiftKey)}
          />
        )}
      </div>
      <div role="gridcell" className="runs-cell">
        {run === undefined ? (
          <div className="runs-skeleton" />
        ) : (
          <>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              mr={6}
              tabIndex={-1}
              aria-label={`${pinned ? "Unpin" : "Pin"} ${run.name}`}
              onClick={() => props.onPin(run)}
            >
              {pinned ? <IconPinnedFilled size={14} /> : <IconPin size={14} />}
            </ActionIcon>
            <Anchor
              size="sm"
              renderRoot={(anchor) => (
                <Link
                  to="/experiments/$experimentId/runs/$runId"
                  params={{ experimentId: run.experiment_id, runId: run.id }}
                  preload={false}
                  {...anchor}
                />
              )}
            >
              {run.name}
            </Anchor>
          </>
        )}
      </div>
      {columns.map((column) => {
        const text = run === undefined ? undefined : cellText(run, column);
        return (
          <div role="gridcell" key={column} className="runs-cell" title={text}>
            {text === undefined && <div className="runs-skeleton" />}
            {text !== undefined && column === "attributes.status" ? (
              <span className="runs-status" data-status={text}>
                {text.toLowerCase()}
              </span>
            ) : (
              text
            )}
          </div>
        );
      })}
    </div>
  );
});
