import { Button, Card, Group, Text, Title } from "@mantine/core";
import { IconMessages, IconSchool } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { hub } from "../../hub/hub.ts";

const example = "email-triage";
const starter = "ember";

/** Shown until the hub has answered or trained something: the two useful beginnings, one click away. */
export function FirstVisit() {
  const navigate = useNavigate();
  const register = useMutation({
    mutationFn: () => hub.examples.register(example),
    onSuccess: ({ name }) =>
      navigate({ to: "/training/new", search: { dataset: name, base: starter, model: "my-triage" } }),
  });
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
          renderRoot={(props) => <Link to="/chat" search={{ model: [starter] }} {...props} />}
        >
          Chat with ember
        </Button>
        <Button
          variant="default"
          leftSection={<IconSchool size={18} />}
          loading={register.isPending}
          onClick={() => register.mutate()}
        >
          Train on the example
        </Button>
      </Group>
      {register.error !== null && <ErrorNotice error={register.error} />}
    </Card>
  );
}
