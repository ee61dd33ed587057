import { Anchor, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { ClientAddresses } from "./client-addresses.tsx";
import { EnginesTable } from "./engines-table.tsx";
import { ProvidersTable } from "./providers-table.tsx";
import { readSettings } from "./setting-rows.ts";
import { SettingsTable } from "./settings-table.tsx";

/** How this hub runs, and what sets it. Secrets are told as set or not set. */
export function SettingsPage() {
  const { data, error } = useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => hub.settings({ signal }),
    // They are read when the hub starts.
    staleTime: Infinity,
  });
  return (
    <>
      <PageHeader title="Settings" description="How this hub runs, and what sets it" />
      <Stack gap="xl">
        <ClientAddresses />
        {error !== null && <ErrorNotice error={error} />}
        {data !== undefined && (
          <>
            <Text size="sm" c="dimmed">
              A setting is changed where the hub is started: by the variable beside it, or in{" "}
              {data.places.config_file}.
            </Text>
            {readSettings(data).map(({ title, rows }) => (
              <Section key={title} title={title}>
                <SettingsTable label={title} rows={rows} />
              </Section>
            ))}
            <Section title="Engines">
              <EnginesTable engines={data.engines} />
            </Section>
            <Section title="Other servers">
              <ProvidersTable providers={data.providers} />
              <Text size="sm" mt="xs">
                <Anchor inherit href="#/chat/settings">
                  Providers of the chat, its service, and what tools did
                </Anchor>
              </Text>
            </Section>
          </>
        )}
      </Stack>
    </>
  );
}
