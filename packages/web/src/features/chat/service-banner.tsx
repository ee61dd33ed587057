import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";
import { chatConfigQuery } from "../../hub/queries.ts";

/** Says that nothing can be answered now and why; goes by itself when the service is back. */
export function ServiceBanner() {
  const queries = useQueryClient();
  const { data } = useQuery(chatConfigQuery);
  const retry = useMutation({
    mutationFn: () => hub.conversations.reload(),
    onSettled: () => queries.invalidateQueries({ queryKey: chatConfigQuery.queryKey }),
  });
  const service = data?.service;
  // One that failed is still away while it is started again.
  const again = service?.state === "starting" && service.error !== null;
  if (service === undefined || (service.state !== "down" && service.state !== "off" && !again)) return null;
  return (
    <Alert
      color="yellow"
      styles={{ title: { color: "var(--mantine-color-bright)" } }}
      icon={<IconPlugConnectedX aria-hidden />}
      title="AI service unavailable"
      role="alert"
      mb="xs"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {service.state === "off"
            ? "It is switched off (HEARTH_CHAT=off). Conversations can be read."
            : `${service.error ?? "It does not run."} It is started again by itself; what you typed stays.`}
        </Text>
        {service.state !== "off" && (
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              loading={retry.isPending}
              onClick={() => retry.mutate()}
            >
              Try now
            </Button>
            {retry.error !== null && <Text size="sm">{retry.error.message}</Text>}
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
