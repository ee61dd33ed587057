import { lowerBound, type ChartRange, type LineSeries } from "./series.ts";

/** A point as a table of a chart lists it. */
export interface ChartRow {
  label: string;
  x: number;
  y: number | null;
}

export type RowOrder = "x" | "largest" | "smallest";

/** The points of series in a part of x, by x or by their values; gaps come last of those. */
export function rowsOf(
  series: readonly LineSeries[],
  range: ChartRange | null,
  order: RowOrder = "x",
): ChartRow[] {
  const rows = series.flatMap(({ label, x, y }) => {
    const start = range === null ? 0 : lowerBound(x, range.min);
    return x
      .slice(start)
      .map((at, index): ChartRow => ({ label, x: at, y: y[start + index] ?? null }))
      .filter(({ x: at }) => range === null || at <= range.max);
  });
  if (order === "x") return series.length === 1 ? rows : rows.toSorted((a, b) => a.x - b.x);
  const sign = order === "largest" ? -1 : 1;
  return rows.toSorted((a, b) => {
    if (a.y === null || b.y === null) return Number(a.y === null) - Number(b.y === null);
    return sign * (a.y - b.y);
  });
}

/** Rows as CSV (RFC 4180). A text that a spreadsheet would take for a formula is led by an apostrophe. */
export function csvOf(rows: readonly ChartRow[], xTitle: string): string {
  const lines = rows.map(({ label, x, y }) =>
    [quoted(label), String(x), y === null ? "" : String(y)].join(","),
  );
  return `${[`series,${quoted(xTitle)},value`, ...lines].join("\r\n")}\r\n`;
}

function quoted(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
