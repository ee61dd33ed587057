import { Card, SimpleGrid, Text } from "@mantine/core";
import type { HubStatus } from "@hearth/wire/hub/status";
import { formatBytes } from "../../components/format.ts";

/** Queue, memory and load, as the hub reads them now. */
export function MachineFigures({ status }: { status: HubStatus }) {
  const { inference, memory, machine } = status;
  const figures: [string, string][] = [
    ["Requests under way", String(inference.active)],
    ["Waiting for a slot", String(inference.queued)],
    ["Memory of models", `${formatBytes(memory.used_bytes)} of ${formatBytes(memory.budget_bytes)}`],
    [
      "Memory left here",
      `${formatBytes(machine.memory_available_bytes)} of ${formatBytes(machine.memory_total_bytes)}`,
    ],
    ["Load, 1 min", `${machine.load_average[0]?.toFixed(1) ?? "–"} on ${machine.cores} cores`],
  ];
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }}>
      {figures.map(([label, value]) => (
        <Card key={label} withBorder padding="sm">
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text fw={600}>{value}</Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
