import { Table } from "@mantine/core";
import type { GateResult } from "@hearth/wire/hub/models";
import { formatMetric } from "../../components/format.ts";
import { TitledTable } from "../../components/titled-table.tsx";

/** What each gate found. */
export function GateChecks({ label, checks }: { label: string; checks: GateResult["checks"] }) {
  return (
    <TitledTable label={label} titles={["Gate", "Value", "Threshold", "Why"]} minWidth={420}>
      {checks.map((check) => (
        <Table.Tr key={check.expression}>
          <Table.Td style={{ overflowWrap: "anywhere" }}>
            {check.passed ? "✓ " : "✗ "}
            {check.expression}
          </Table.Td>
          <Table.Td>{check.value === null ? "–" : formatMetric(check.value)}</Table.Td>
          <Table.Td>{check.threshold === null ? "–" : formatMetric(check.threshold)}</Table.Td>
          <Table.Td>{check.reason}</Table.Td>
        </Table.Tr>
      ))}
    </TitledTable>
  );
}
