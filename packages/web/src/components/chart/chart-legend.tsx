import { Group, Text } from "@mantine/core";
import type { DrawnLine } from "./lines.ts";

/** More lines than this are told apart by pointing at them only. */
const mostLines = 8;

/** Which line is which, for a chart whose owner does not say it elsewhere. */
export function ChartLegend({ lines }: { lines: readonly DrawnLine[] }) {
  if (lines.length < 2 || lines.length > mostLines) return null;
  return (
    <Group component="ul" gap="md" m={0} p={0} style={{ listStyle: "none" }}>
      {lines.map(({ id, label, color, dash }) => (
        <Group key={id} component="li" gap={6} wrap="nowrap" style={{ minWidth: 0 }}>
          <svg width="20" height="8" aria-hidden>
            <line
              x1="0"
              y1="4"
              x2="20"
              y2="4"
              stroke={color}
              strokeWidth="2"
              strokeDasharray={dash.join(" ")}
            />
          </svg>
          <Text size="sm" truncate>
            {label}
          </Text>
        </Group>
      ))}
    </Group>
  );
}
