import { Card, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** One thing that the first page tells of. */
export function HomeCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder padding="md" miw={280}>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      {children}
    </Card>
  );
}
