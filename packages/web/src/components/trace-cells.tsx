import { Anchor, Table, Text } from "@mantine/core";
import type { TraceSummary } from "@hearth/wire/hub/traces";
import type { ReactNode } from "react";
import { formatCount, formatSeconds } from "./format.ts";
import { StatusBadge } from "./status-badge.tsx";

const previewLength = 200;

export interface TraceNameCellsProps {
  trace: TraceSummary;
  /** The link to the trace, which is given its looks and its text. */
  link: (props: object) => ReactNode;
}

/** What begins the row of a trace: its name with what was asked, what answered, and how it ended. */
export function TraceNameCells({ trace, link }: TraceNameCellsProps) {
  return (
    <>
      <Table.Td maw={320}>
        <Anchor truncate="end" display="block" renderRoot={link}>
          {trace.name ?? trace.id}
        </Anchor>
        {trace.request_preview !== null && (
          <Text size="xs" c="dimmed" truncate="end">
            {trace.request_preview.slice(0, previewLength)}
          </Text>
        )}
      </Table.Td>
      <Table.Td maw={180} style={{ overflowWrap: "anywhere" }}>
        {trace.model}
        {trace.version !== null && `:${trace.version}`}
      </Table.Td>
      <Table.Td>
        <StatusBadge status={trace.state} />
      </Table.Td>
    </>
  );
}

/** `12 / 34`: tokens that were read and written, as far as they are known. */
export function tokensOf({ input_tokens, output_tokens }: TraceSummary): string {
  return `${countOrDash(input_tokens)} / ${countOrDash(output_tokens)}`;
}

export function countOrDash(value: number | null): string {
  return value === null ? "–" : formatCount(value);
}

/** ms in words */
export function timeOrDash(ms: number | null): string {
  return ms === null ? "–" : formatSeconds(ms / 1000);
}
