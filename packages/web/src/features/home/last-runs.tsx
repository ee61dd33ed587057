import { Anchor, Table, Text } from "@mantine/core";
import type { Run } from "@hearth/wire/hub/tracking";
import { Link } from "@tanstack/react-router";
import { Age } from "../../components/age.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { HomeCard } from "./home-card.tsx";

/** The newest runs, whoever made them. */
export function LastRuns({ runs }: { runs: readonly Run[] }) {
  return (
    <HomeCard title="Last runs">
      {runs.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was trained, evaluated or tracked yet.
        </Text>
      )}
      <Table.ScrollContainer minWidth={320}>
        <Table>
          <Table.Tbody>
            {runs.map((run) => (
              <Table.Tr key={run.id}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  <Anchor
                    size="sm"
                    renderRoot={(props) => (
                      <Link
                        to="/experiments/$experimentId/runs/$runId"
                        params={{ experimentId: run.experiment_id, runId: run.id }}
                        {...props}
                      />
                    )}
                  >
                    {run.name}
                  </Anchor>
                </Table.Td>
                <Table.Td>{run.kind}</Table.Td>
                <Table.Td>
                  <StatusBadge status={run.status} />
                </Table.Td>
                <Table.Td>
                  <Age at={run.started_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </HomeCard>
  );
}
