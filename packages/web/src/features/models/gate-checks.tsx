import { Table } from "@mantine/core";
import type { GateResult } from "@hearth/wire/hub/models";
import { formatMetric } from "../../components/format.ts";
import { TitledTable } from "../../components/titled-table.tsx";

/** What each gate found. */
export function GateChecks({ label, checks }: { label: string; checks: GateResult["checks"] }) {
  return (
    <TitledTable
      label={label}
      titles={["Gate", "Value", "Threshold", "On the same rows", "Why"]}
      minWidth={640}
    >
      {checks.map((check) => (
        <Table.Tr key={check.expression}>
          <Table.Td miw={150} style={{ overflowWrap: "anywhere" }}>
            {check.passed ? "✓ " : "✗ "}
            {check.expression}
          </Table.Td>
          <Table.Td>{check.value === null ? "–" : formatMetric(check.value)}</Table.Td>
          <Table.Td>{check.threshold === null ? "–" : formatMetric(check.threshold)}</Table.Td>
          <Table.Td>
            {check.difference === null
              ? "–"
              : `${formatMetric(check.difference.value)} (${formatMetric(check.difference.low)} to ${formatMetric(check.difference.high)})`}
          </Table.Td>
          <Table.Td style={{ overflowWrap: "anywhere" }}>{check.reason}</Table.Td>
        </Table.Tr>
      ))}
    </TitledTable>
  );
}
