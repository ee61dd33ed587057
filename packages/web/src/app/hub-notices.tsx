import { Alert, Button, Group, Text } from "@mantine/core";
import { IconKey, IconPlugConnectedX, IconRefresh, type Icon } from "@tabler/icons-react";
import { useOutdated } from "./build-check.ts";
import { useHubPresence } from "./live.tsx";

/** Says what stands between this page and its hub, over a page that stays as it is; goes away by itself. */
export function HubNotices() {
  const { presence, retry } = useHubPresence();
  const outdated = useOutdated();
  return (
    <div role="status">
      {presence === "away" && (
        <Notice icon={IconPlugConnectedX} action="Try now" onAction={retry}>
          The hub is away. What you see may be old; what you typed stays, and this page goes on when the hub
          is back.
        </Notice>
      )}
      {presence === "locked" && (
        <Notice icon={IconKey} action="Give the key" onAction={retry}>
          The hub wants an API key, or another one than it got. Your browser asks for it: the key is the
          password, the user name does not matter.
        </Notice>
      )}
      {presence === "polling" && (
        <Text size="sm" c="dimmed" mb="xs">
          The hub answers, but its live feed cannot be reached; this page looks for changes every few seconds.
        </Text>
      )}
      {outdated && (
        <Notice icon={IconRefresh} action="Reload the page" onAction={() => location.reload()}>
          Hearth was replaced by another version while this page was open. Reload it before you go on.
        </Notice>
      )}
    </div>
  );
}

interface NoticeProps {
  icon: Icon;
  children: string;
  action: string;
  onAction: () => void;
}

function Notice({ icon: NoticeIcon, children, action, onAction }: NoticeProps) {
  return (
    <Alert color="yellow" icon={<NoticeIcon aria-hidden />} mb="md" p="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm">{children}</Text>
        <Button size="xs" variant="default" onClick={onAction}>
          {action}
        </Button>
      </Group>
    </Alert>
  );
}
