import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { fieldOf, splitColumn } from "./columns.ts";

export interface GridHeadProps {
  columns: readonly string[];
  template: string;
  order: string | undefined;
  onOrder: (order: string | undefined) => void;
}

/** Names of the columns; a click orders by one, first the largest, then the smallest, then not at all. */
export function GridHead({ columns, template, order, onOrder }: GridHeadProps) {
  return (
    <div role="row" aria-rowindex={1} className="runs-row" style={{ gridTemplateColumns: template }}>
      <div role="columnheader" className="runs-cell" aria-label="Selected" />
      {["attributes.run_name", ...columns].map((column) => {
        const [kind, key] = splitColumn(column);
        const field = fieldOf(column);
        const label =
          column === "attributes.run_name" ? "run" : key.replace(/_time$/, "").replaceAll("_", " ");
        const shown = kind === "attributes" ? label : key;
        const direction = field === undefined ? undefined : directionOf(order, field);
        return (
          <div
            role="columnheader"
            key={column}
            className="runs-cell"
            title={column}
            aria-sort={direction === undefined ? "none" : direction === "ASC" ? "ascending" : "descending"}
          >
            {field === undefined ? (
              <b>{shown}</b>
            ) : (
              <button
                type="button"
                className="runs-sort"
                onClick={() => onOrder(nextOrder(field, direction))}
              >
                {shown}
                {direction === "ASC" && <IconArrowUp size={12} aria-hidden />}
                {direction === "DESC" && <IconArrowDown size={12} aria-hidden />}
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}

function directionOf(order: string | undefined, field: string): "ASC" | "DESC" | undefined {
  if (order === `${field} ASC`) return "ASC";
  return order === `${field} DESC` ? "DESC" : undefined;
}

function nextOrder(field: string, direction: "ASC" | "DESC" | undefined): string | undefined {
  if (direction === undefined) return `${field} DESC`;
  return direction === "DESC" ? `${field} ASC` : undefined;
}
