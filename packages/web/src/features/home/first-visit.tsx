import { Button, Card, Group, Text, Title } from "@mantine/core";
import { IconMessages, IconSchool } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

/** Shown until the hub has answered or trained something: the two useful beginnings, one click away. */
export function FirstVisit() {
  return (
    <Card withBorder padding="lg">
      <Title order={2} size="h4">
        Welcome to Hearth
      </Title>
      <Text mt={4} mb="md" maw={640}>
        Nothing has been asked or trained here yet. Ask the starter model something, or teach it to sort
        e-mail with the example that comes along: it takes about a minute, and nothing leaves this machine.
      </Text>
      <Group>
        <Button
          leftSection={<IconMessages size={18} />}
          renderRoot={(props) => <Link to="/chat" {...props} />}
        >
          Chat with ember
        </Button>
        <Button
          variant="default"
          leftSection={<IconSchool size={18} />}
          renderRoot={(props) => <Link to="/training" {...props} />}
        >
          Train a model
        </Button>
      </Group>
    </Card>
  );
}
