import { Anchor, Button, Group, Select, Stack, Table, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Model, ModelEvent } from "@hearth/wire/hub/models";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import { formatMetric } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { versionAddress } from "../../routing/addresses.ts";
import { aliasEvents } from "./alias-events.ts";

const first = 50;

export interface ModelHistoryProps {
  model: Model;
  /** Newest first. */
  history: readonly ModelEvent[];
  /** Events in all. */
  total: number;
}

/** What happened to a model; of one alias, if one is chosen. */
export function ModelHistory({ model, history, total }: ModelHistoryProps) {
  const { alias = null } = useSearch({ from: "/models/$name" });
  const navigate = useNavigate({ from: "/models/$name" });
  const [all, setAll] = useState(false);
  const moves = aliasEvents(history);
  const aliases = [...new Set(moves.map((one) => one.alias))].toSorted();
  const chosen =
    alias === null
      ? history
      : history.filter(({ id }) => moves.some((move) => move.id === id && move.alias === alias));
  const shown = all ? chosen : chosen.slice(0, first);
  return (
    <Section title="History">
      <Stack gap="xs">
        {aliases.length > 0 && (
          <Select
            label="Of the alias"
            placeholder="everything"
            clearable
            clearButtonProps={{ "aria-label": "Everything" }}
            w={220}
            data={aliases}
            value={alias}
            onChange={(next) =>
              void navigate({
                search: (before) => ({ ...before, alias: next ?? undefined }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        )}
        <TitledTable label="History" titles={["What", "Version", "Alias", "Details", "When"]} minWidth={560}>
          {shown.map((event) => (
            <Table.Tr key={event.id}>
              <Table.Td>{event.kind.replaceAll("_", " ")}</Table.Td>
              <Table.Td>
                {event.version !== null && (
                  <Anchor inherit href={versionAddress(model.name, event.version)}>
                    version {event.version}
                  </Anchor>
                )}
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {typeof event.details["alias"] === "string" ? `@${event.details["alias"]}` : ""}
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{detailsOf(event)}</Table.Td>
              <Table.Td>
                <Age at={event.created_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
        <Group gap="xs">
          {shown.length < chosen.length && (
            <Button size="compact-sm" variant="default" onClick={() => setAll(true)}>
              Show all {chosen.length}
            </Button>
          )}
          {total > history.length && (
            <Text size="sm" c="dimmed">
              The newest {history.length} of {total} events.
            </Text>
          )}
        </Group>
      </Stack>
    </Section>
  );
}

/** The figures of an event in a line. */
function detailsOf(event: ModelEvent): string {
  const { details } = event;
  const [move] = aliasEvents([event]);
  if (move !== undefined) {
    const gates = move.checks.map(
      ({ passed, expression, value }) =>
        `${passed ? "✓" : "✗"} ${expression}${value === null ? "" : ` (${formatMetric(value)})`}`,
    );
    return [
      move.by === "" ? "" : `by ${move.by}`,
      move.previous === null ? "" : `before: version ${move.previous}`,
      ...gates,
    ]
      .filter((part) => part !== "")
      .join(" · ");
  }
  if (event.kind === "evaluated") {
    const { dataset, split, accuracy } = details;
    return [
      typeof dataset === "string" ? dataset : "",
      typeof split === "string" ? split : "",
      typeof accuracy === "number" ? `accuracy ${formatMetric(accuracy)}` : "",
    ]
      .filter((part) => part !== "")
      .join(" · ");
  }
  const { fields } = details;
  return Array.isArray(fields) ? fields.filter((field) => typeof field === "string").join(", ") : "";
}
