import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import type { TraceAssessment } from "@hearth/wire/hub/traces";

/** What people and programs said of a trace. */
export function Assessments({ assessments }: { assessments: readonly TraceAssessment[] }) {
  if (assessments.length === 0) return null;
  return (
    <Stack gap="xs" component="section" aria-label="Assessments">
      <Title order={3} size="h5">
        Assessments
      </Title>
      {assessments.map((one) => (
        <div key={one.id}>
          <Group gap="xs">
            <Badge variant="outline" color="gray">
              {one.kind}
            </Badge>
            <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
              {one.name}
            </Text>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {one.error ?? (typeof one.value === "string" ? one.value : JSON.stringify(one.value))}
            </Text>
            <Text size="xs" c="dimmed">
              {[one.source_type.toLowerCase().replaceAll("_", " "), one.source_id].filter(Boolean).join(", ")}
            </Text>
          </Group>
          {one.rationale !== null && <Text size="sm">{one.rationale}</Text>}
        </div>
      ))}
    </Stack>
  );
}
