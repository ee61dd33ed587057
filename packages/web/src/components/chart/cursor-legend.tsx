import { Paper, Text } from "@mantine/core";
import { formatMetric } from "../format.ts";
import { formatX } from "./axis-text.ts";
import classes from "./chart.module.css";
import type { DrawnLine } from "./lines.ts";
import type { PlotCursor } from "./plot.ts";
import { nearestIndex, type ChartAxis } from "./series.ts";

export interface CursorLegendProps {
  lines: readonly DrawnLine[];
  cursor: PlotCursor;
  axis: ChartAxis;
  logY: boolean;
  /** CSS pixels of the whole chart. */
  width: number;
}

/** Lines in the legend under the cursor, and in those of charts that only follow it. */
const shown = { own: 10, following: 4 };

/** The values under the cursor, those nearest to it first. */
export function CursorLegend({ lines, cursor, axis, logY, width }: CursorLegendProps) {
  const rows = valuesAt(lines, cursor, logY);
  if (rows.length === 0) return null;
  const most = cursor.own ? shown.own : shown.following;
  const side = cursor.left > width / 2 ? { left: 70 } : { right: 20 };
  return (
    <Paper className={classes["legend"] ?? ""} style={side} withBorder shadow="sm" px="xs" py={4}>
      <Text size="xs" c="dimmed">
        {formatX(rows[0]?.x ?? cursor.x, axis)}
      </Text>
      {rows.slice(0, most).map(({ line, value, min, max }) => (
        <div key={line.id} className={classes["row"] ?? ""}>
          <svg width={16} height={8} aria-hidden>
            <line
              x1={0}
              x2={16}
              y1={4}
              y2={4}
              stroke={line.color}
              strokeWidth={2}
              strokeDasharray={line.dash.join(" ")}
            />
          </svg>
          <span className={classes["name"] ?? ""}>{line.label}</span>
          <span className={classes["value"] ?? ""}>
            {formatMetric(value)}
            {min !== undefined && ` (${formatMetric(min)} to ${formatMetric(max ?? null)})`}
          </span>
        </div>
      ))}
      {rows.length > most && (
        <Text size="xs" c="dimmed">
          and {rows.length - most} more
        </Text>
      )}
    </Paper>
  );
}

interface Row {
  line: DrawnLine;
  x: number;
  value: number;
  min?: number;
  max?: number;
}

function valuesAt(lines: readonly DrawnLine[], cursor: PlotCursor, logY: boolean): Row[] {
  const rows: Row[] = [];
  for (const line of lines) {
    const [first = Infinity, last = -Infinity] = [line.x[0], line.x.at(-1)];
    const index = nearestIndex(line, Math.min(last, Math.max(first, cursor.x)));
    const [x, value] = index === undefined ? [] : [line.x[index], line.y[index]];
    if (index === undefined || x === undefined || value === null || value === undefined) continue;
    const [min, max] = [line.band?.min[index] ?? undefined, line.band?.max[index] ?? undefined];
    rows.push({ line, x, value, ...(min === undefined || max === undefined ? {} : { min, max }) });
  }
  const form = (value: number): number => (logY ? Math.log(Math.max(value, Number.MIN_VALUE)) : value);
  const distance = ({ value }: Row): number => Math.abs(form(value) - form(cursor.y));
  return cursor.own ? rows.toSorted((a, b) => distance(a) - distance(b)) : rows;
}
