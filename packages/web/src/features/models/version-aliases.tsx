import { Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { AliasCard } from "./alias-card.tsx";
import { aliasEvents, lastMove } from "./alias-events.ts";
import { GateChecks } from "./gate-checks.tsx";
import { historyQuery } from "./history-query.ts";

/** Refusals that are shown; the model's history has all of them. */
const mostRefusals = 3;

/** The names of one version with the gates that it passed, and those that refused it since. */
export function VersionAliases({ version }: { version: ModelVersion }) {
  const { model, version: number, aliases } = version;
  const history = useQuery(historyQuery(model));
  const events = aliasEvents(history.data?.events ?? []);
  const refusals = events.filter(
    (event) =>
      event.kind === "promotion_refused" &&
      event.version === number &&
      // What it has by now was refused to it before, and is of no interest any more.
      (lastMove(events, event.alias, number)?.id ?? 0) < event.id,
  );
  return (
    <Section title="Aliases">
      <Stack gap="xs">
        {history.error !== null && <ErrorNotice error={history.error} />}
        {aliases.length === 0 && <Text c="dimmed">This version has no alias.</Text>}
        {aliases.map((alias) => (
          <AliasCard key={alias} model={model} alias={alias} version={number} events={events} />
        ))}
        {refusals.slice(0, mostRefusals).map((refusal) => (
          <Paper key={refusal.id} withBorder p="md" role="group" aria-label={`Refused ${refusal.alias}`}>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              @{refusal.alias} was refused <Age at={refusal.at} />
            </Text>
            <GateChecks label={`Gates that refused ${refusal.alias}`} checks={refusal.checks} />
          </Paper>
        ))}
      </Stack>
    </Section>
  );
}
