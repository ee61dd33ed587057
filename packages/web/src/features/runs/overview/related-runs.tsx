import { Anchor, Group, Stack, Text } from "@mantine/core";
import type { RelatedRun, RunLineage } from "@hearth/wire/hub/run-details";
import { Age } from "../../../components/age.tsx";
import { formatCount } from "../../../components/format.ts";
import { Section } from "../../../components/section.tsx";
import { StatusBadge } from "../../../components/status-badge.tsx";
import { runAddress } from "../../../routing/addresses.ts";

/** The run above a run, and those below it. */
export function RelatedRuns({ lineage: { parent, children, total_children } }: { lineage: RunLineage }) {
  if (parent === null && children.length === 0) return null;
  return (
    <>
      {parent !== null && (
        <Section title="Part of">
          <Line run={parent} />
        </Section>
      )}
      {children.length > 0 && (
        <Section title={`Runs below it (${formatCount(total_children)})`}>
          <Stack
            gap={6}
            mah={300}
            tabIndex={0}
            role="group"
            aria-label="Runs below it"
            style={{ overflow: "auto" }}
          >
            {children.map((run) => (
              <Line key={run.id} run={run} />
            ))}
            {total_children > children.length && (
              <Text size="sm" c="dimmed">
                The newest {children.length} are listed.
              </Text>
            )}
          </Stack>
        </Section>
      )}
    </>
  );
}

function Line({ run }: { run: RelatedRun }) {
  return (
    <Group gap="xs">
      <Anchor href={runAddress(run.experiment_id, run.id)} style={{ overflowWrap: "anywhere" }}>
        {run.name === "" ? run.id.slice(0, 8) : run.name}
      </Anchor>
      <StatusBadge status={run.status} />
      <Text size="sm" c="dimmed">
        <Age at={run.started_at} />
      </Text>
    </Group>
  );
}
