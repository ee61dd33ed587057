import { IconChevronDown, IconChevronRight, IconFile, IconFolder } from "@tabler/icons-react";
import { formatBytes } from "../../../components/format.ts";
import classes from "./artifact-tree.module.css";
import { shownName } from "./shown-name.ts";
import type { TreeRow } from "./tree-rows.ts";

/** Id of a line in the document, by its place in the tree. */
export function rowId(index: number): string {
  return `artifact-${index}`;
}

export interface ArtifactRowProps {
  row: TreeRow;
  index: number;
  /** px */
  top: number;
  active: boolean;
  selected: boolean;
  onClick: () => void;
}

/** A line of the tree of artifacts. */
export function ArtifactRow({ row, index, top, active, selected, onClick }: ArtifactRowProps) {
  const name = shownName(row.name);
  const Chevron = row.open ? IconChevronDown : IconChevronRight;
  return (
    // The keys are the tree's.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      role="treeitem"
      id={rowId(index)}
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={selected}
      {...(row.kind === "folder" ? { "aria-expanded": row.open } : {})}
      data-active={active || undefined}
      className={classes["row"]}
      style={{ top, paddingInlineStart: 6 + Math.min(row.depth, 12) * 14 }}
      onClick={onClick}
    >
      {row.kind === "folder" && <Chevron size={14} aria-hidden className={classes["icon"]} />}
      {row.kind === "folder" && <IconFolder size={16} aria-hidden className={classes["icon"]} />}
      {row.kind === "file" && <span className={classes["indent"]} />}
      {row.kind === "file" && <IconFile size={16} aria-hidden className={classes["icon"]} />}
      <span className={classes["name"]} title={name}>
        {row.kind === "more" ? "Show more of this folder" : name}
      </span>
      {row.size !== null && <span className={classes["size"]}>{formatBytes(row.size)}</span>}
    </div>
  );
}
