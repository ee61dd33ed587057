import { Anchor, Table, Text } from "@mantine/core";
import type { Trace } from "@hearth/wire/hub/inference";
import { Link } from "@tanstack/react-router";
import { Age } from "../../components/age.tsx";
import { formatSeconds } from "../../components/format.ts";
import { StatusBadge } from "../../components/status-badge.tsx";
import { HomeCard } from "./home-card.tsx";

/** The newest answers: who gave them, how quickly, and how they ended. */
export function LastAnswers({ traces }: { traces: readonly Trace[] }) {
  return (
    <HomeCard title="Last answers">
      {traces.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was asked yet.
        </Text>
      )}
      <Table.ScrollContainer minWidth={320}>
        <Table>
          <Table.Tbody>
            {traces.map((trace) => (
              <Table.Tr key={trace.id}>
                <Table.Td>
                  <Anchor
                    size="sm"
                    renderRoot={(props) => <Link to="/traces" search={{ trace: trace.id }} {...props} />}
                  >
                    {trace.version === null ? trace.model : `${trace.model}:${trace.version}`}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  <StatusBadge status={trace.status} />
                </Table.Td>
                <Table.Td>{formatSeconds(trace.latency_ms / 1000)}</Table.Td>
                <Table.Td>
                  <Age at={trace.created_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </HomeCard>
  );
}
