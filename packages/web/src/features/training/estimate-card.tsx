import { Alert, Card, List, Progress, Stack, Table, Text } from "@mantine/core";
import type { JobEstimate } from "@hearth/wire/hub/training";
import { formatBytes, formatCount, formatSeconds } from "../../components/format.ts";

/** What a job would need, before it is started. */
export function EstimateCard({ estimate }: { estimate: JobEstimate }) {
  const { memory_bytes: memory, budget_bytes: budget, free_bytes: free, disk_bytes: disk } = estimate;
  const facts: [string, string][] = [
    ["Trainer", estimate.trainer],
    ["Memory", memory === null ? "not known of this base" : `about ${formatBytes(memory)}`],
    ...memoryParts(estimate.memory_parts),
    ["Allowed", `${formatBytes(budget)}, ${formatBytes(free)} of it free`],
    ["Disk", disk === null ? "not known of this base" : `about ${formatBytes(disk)}`],
    ["Steps", estimate.steps === null ? "counted when the text is read" : formatCount(estimate.steps)],
    ["Tokens", estimate.tokens === null ? "not known yet" : `about ${formatCount(estimate.tokens)}`],
    ["Time", estimate.seconds === null ? "not known yet" : `about ${formatSeconds(estimate.seconds)}`],
  ];
  return (
    <Card withBorder component="section" aria-label="Estimate">
      <Stack gap="xs">
        {memory !== null && (
          <Progress value={(100 * memory) / budget} aria-label="Memory of what is allowed" />
        )}
        <Table variant="vertical">
          <Table.Tbody>
            {facts.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th>{name}</Table.Th>
                <Table.Td>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="xs" c="dimmed">
          {estimate.time_basis}
        </Text>
        <Text size="xs" c="dimmed">
          {estimate.trainer}: {estimate.trainer_reason}
        </Text>
        {estimate.warnings.length > 0 && (
          <Alert color="yellow" role="note">
            <Text size="sm" fw={600}>
              About the rows
            </Text>
            <List size="sm">
              {estimate.warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          </Alert>
        )}
      </Stack>
    </Card>
  );
}

/** What the memory is for; parts of nothing are left out. */
function memoryParts(parts: JobEstimate["memory_parts"]): [string, string][] {
  if (parts === null) return [];
  const named: [string, number][] = [
    ["the trainer itself", parts.process],
    ["base", parts.base],
    ["trained state", parts.trained],
    ["activations", parts.activations],
    ["loss", parts.loss],
  ];
  const words = named
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => `${name} ${formatBytes(bytes)}`);
  return [["Of which", words.join(", ")]];
}
