import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import classes from "./artifact-tree.module.css";
import { onTreeKey } from "../../../components/tree-keys.ts";
import { ArtifactRow, rowId } from "./artifact-row.tsx";
import { treeRows, type Folder, type TreeRow } from "./tree-rows.ts";

const rowHeight = 30;

export interface ArtifactTreeProps {
  folders: ReadonlyMap<string, Folder>;
  open: ReadonlySet<string>;
  /** Whether some of it has still to come. */
  busy: boolean;
  /** Path of the file that is shown. */
  selected: string;
  onFold: (folder: string, open: boolean) => void;
  /** More of a folder that has more than is listed. */
  onMore: (folder: string) => void;
  onSelect: (file: string) => void;
}

/** Files and folders; only the lines in view are drawn. Arrows move, open and close, Enter chooses. */
export function ArtifactTree(props: ArtifactTreeProps) {
  const { folders, open, busy, selected, onFold, onMore, onSelect } = props;
  const place = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => treeRows(folders, open), [folders, open]);
  const [chosen, setActive] = useState<number | null>(null);
  const shown = rows.findIndex(({ kind, path }) => kind !== "more" && path === selected);
  const active = Math.min(chosen ?? Math.max(0, shown), rows.length - 1);
  // Its functions are used here only, and nothing is memoised by them.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const { scrollToIndex } = virtual;
  const sought = useRef<string | null>(null);
  useEffect(() => {
    // Once for each file that an address names: afterwards the person scrolls.
    if (shown === -1 || sought.current === selected) return;
    sought.current = selected;
    scrollToIndex(shown);
  }, [shown, selected, scrollToIndex]);
  const current = rows[active];

  const act = (row: TreeRow) => {
    if (row.kind === "more") onMore(row.path);
    else if (row.kind === "folder") onFold(row.path, !row.open);
    else onSelect(row.path);
  };
  const onKeyDown = (event: KeyboardEvent) =>
    onTreeKey(event, {
      lines: rows.map(({ kind, depth, open: isOpen }) => ({
        depth,
        open: kind === "folder" ? isOpen : null,
      })),
      active,
      move: (index) => {
        setActive(index);
        virtual.scrollToIndex(index);
      },
      fold: (index, isOpen) => onFold(rows[index]?.path ?? "", isOpen),
      choose: (index) => {
        const row = rows[index];
        if (row !== undefined) act(row);
      },
    });

  return (
    <div
      ref={place}
      role="tree"
      aria-label="Artifacts"
      aria-busy={busy}
      tabIndex={0}
      aria-activedescendant={current === undefined ? undefined : rowId(active)}
      className={classes["tree"]}
      onKeyDown={onKeyDown}
    >
      <div role="none" style={{ position: "relative", height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <ArtifactRow
              key={`${row.kind} ${row.path}`}
              row={row}
              index={index}
              top={start}
              active={index === active}
              selected={row.kind !== "more" && row.path === selected}
              onClick={() => {
                setActive(index);
                act(row);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}
