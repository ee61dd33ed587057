import { Stack, Text } from "@mantine/core";
import type { Model } from "@hearth/wire/hub/models";
import { Section } from "../../components/section.tsx";
import { AliasCard } from "./alias-card.tsx";
import type { AliasEvent } from "./alias-events.ts";

/** The names that versions answer under, each with a way back to what it named before. */
export function ModelAliases({ model, events }: { model: Model; events: readonly AliasEvent[] }) {
  const aliases = Object.entries(model.aliases);
  return (
    <Section title="Aliases">
      <Stack gap="xs">
        {aliases.length === 0 && (
          <Text c="dimmed">No version has an alias yet; promote one on its own page.</Text>
        )}
        {aliases.map(([alias, version]) => (
          <AliasCard key={alias} model={model.name} alias={alias} version={version} events={events} />
        ))}
      </Stack>
    </Section>
  );
}
