import { Alert, Button, Group, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useHubPresence } from "./live.tsx";

/** Says that nothing answers, over a page that stays as it is; goes away by itself when the hub is back. */
export function HubAway() {
  const { presence, retry } = useHubPresence();
  return (
    <div role="status">
      {presence === "away" && (
        <Alert color="yellow" icon={<IconPlugConnectedX aria-hidden />} mb="md" p="xs">
          <Group justify="space-between" gap="xs">
            <Text size="sm">
              The hub is away. What you see may be old; what you typed stays, and this page goes on when the
              hub is back.
            </Text>
            <Button size="xs" variant="default" onClick={retry}>
              Try now
            </Button>
          </Group>
        </Alert>
      )}
    </div>
  );
}
