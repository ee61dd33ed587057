import { ActionIcon, Group } from "@mantine/core";
import { IconChartLine, IconDownload, IconTable, IconZoomIn, IconZoomReset } from "@tabler/icons-react";
import type { ReactNode } from "react";

export interface ChartActionsProps {
  label: string;
  table: boolean;
  onTable: (table: boolean) => void;
  onDownload: () => void;
  onZoomIn: () => void;
  /** Undefined: all of it is shown. */
  onReset: (() => void) | undefined;
}

/** What can be done with a chart; all of it by keyboard too. */
export function ChartActions({ label, table, onTable, onDownload, onZoomIn, onReset }: ChartActionsProps) {
  return (
    <Group gap={2} wrap="nowrap" role="group" aria-label={`Actions on ${label}`}>
      {onReset !== undefined && (
        <Action name="Show all of it" onClick={onReset}>
          <IconZoomReset size={16} />
        </Action>
      )}
      <Action name="Zoom in on the middle" onClick={onZoomIn}>
        <IconZoomIn size={16} />
      </Action>
      <Action name={table ? "Show as chart" : "Show as table"} onClick={() => onTable(!table)}>
        {table ? <IconChartLine size={16} /> : <IconTable size={16} />}
      </Action>
      <Action name="Download as CSV" onClick={onDownload}>
        <IconDownload size={16} />
      </Action>
    </Group>
  );
}

function Action({ name, onClick, children }: { name: string; onClick: () => void; children: ReactNode }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="md" aria-label={name} title={name} onClick={onClick}>
      {children}
    </ActionIcon>
  );
}
