import type { MetricCellTable } from "../../storage/tables/tracking.ts";
import type { StoredPoint } from "./points.ts";

/**
 * Steps that one cell covers, at each level. A chart reads cells at most a quarter of its bucket wide; with
 * these two that is never more than 256 rows a bucket, and a point costs two more rows to write.
 */
export const cellWidths = [64, 4096] as const;

export type Cell = Omit<MetricCellTable, "series_id">;

/** The cells, at every level, of points of one series. */
export function cellsOf(points: readonly StoredPoint[]): Cell[] {
  return cellWidths.flatMap((width) => {
    const cells = new Map<number, Cell>();
    let last: Cell | undefined;
    for (const point of points) {
      const number = Math.floor(point.step / width);
      // Points come in the order of their steps, nearly always.
      const cell: Cell | undefined = last?.cell === number ? last : cells.get(number);
      if (cell === undefined) cells.set(number, (last = cellOf(point, width, number)));
      else widen((last = cell), point);
    }
    return [...cells.values()].toSorted((a, b) => a.cell - b.cell);
  });
}

function cellOf({ is_nan, value, step, timestamp }: StoredPoint, width: number, cell: number): Cell {
  const [v, s, t] = is_nan === 1 ? [null, null, null] : [value, step, timestamp];
  return {
    width,
    cell,
    first_timestamp: timestamp,
    last_timestamp: timestamp,
    min_value: v,
    min_step: s,
    min_timestamp: t,
    max_value: v,
    max_step: s,
    max_timestamp: t,
  };
}

/** Of equal values the one of the smaller step counts, whatever order they come in. */
function widen(cell: Cell, { is_nan, value, step, timestamp }: StoredPoint): void {
  cell.first_timestamp = Math.min(cell.first_timestamp, timestamp);
  cell.last_timestamp = Math.max(cell.last_timestamp, timestamp);
  if (is_nan === 1) return;
  const { min_value, min_step, max_value, max_step } = cell;
  if (min_value === null || value < min_value || (value === min_value && step < (min_step ?? step))) {
    cell.min_value = value;
    cell.min_step = step;
    cell.min_timestamp = timestamp;
  }
  if (max_value === null || value > max_value || (value === max_value && step < (max_step ?? step))) {
    cell.max_value = value;
    cell.max_step = step;
    cell.max_timestamp = timestamp;
  }
}
