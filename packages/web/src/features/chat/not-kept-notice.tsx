import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconDatabaseOff } from "@tabler/icons-react";
import { useKeeping } from "./keeping.ts";

/** Says that the browser keeps nothing now, and offers what can be done about it. */
export function NotKeptNotice({ exported }: { exported: (() => void) | null }) {
  const { problem, again } = useKeeping();
  if (problem === null) return null;
  return (
    <Alert
      color="yellow"
      styles={{ title: { color: "var(--mantine-color-bright)" } }}
      icon={<IconDatabaseOff aria-hidden />}
      title="This conversation is not kept"
      role="alert"
      mb="xs"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem} What is said here goes when this tab is closed.</Text>
        <Group gap="xs">
          {exported !== null && (
            <Button size="compact-sm" variant="default" onClick={exported}>
              Export it
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => void again()}>
            Try to keep it
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
