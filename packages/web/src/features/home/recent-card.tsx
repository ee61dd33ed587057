import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Age } from "../../components/age.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { HomeCard } from "./home-card.tsx";

export interface Recent {
  id: string;
  link: ReactNode;
  status: string;
  /** What there is to say of it in a word. */
  detail: string;
  at: string;
}

/** The newest things of a kind, each with a way to it. */
export function RecentCard({
  title,
  none,
  items,
}: {
  title: string;
  none: string;
  items: readonly Recent[];
}) {
  return (
    <HomeCard title={title}>
      {items.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      <Table.ScrollContainer minWidth={320}>
        <Table>
          <Table.Tbody>
            {items.map(({ id, link, status, detail, at }) => (
              <Table.Tr key={id}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{link}</Table.Td>
                <Table.Td>
                  <StatusBadge status={status} />
                </Table.Td>
                <Table.Td>{detail}</Table.Td>
                <Table.Td>
                  <Age at={at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </HomeCard>
  );
}
