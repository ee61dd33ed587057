import { Anchor, Button, Table, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Model, ModelEvent } from "@hearth/wire/hub/models";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { versionAddress } from "../../routing/addresses.ts";
import { previousVersion } from "./previous-version.ts";

/** The names that versions answer under, each with a way back to what it named before. */
export function ModelAliases({ model, history }: { model: Model; history: readonly ModelEvent[] }) {
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: ({ alias, version }: { alias: string; version: number }) =>
      hub.models.promote(model.name, { alias, version }),
    onSettled: () => queries.invalidateQueries(),
  });
  const aliases = Object.entries(model.aliases);
  return (
    <Section title="Aliases">
      {aliases.length === 0 && (
        <Text c="dimmed">No version has an alias yet; promote one on its own page.</Text>
      )}
      {move.error !== null && <ErrorNotice error={move.error} />}
      {aliases.length > 0 && (
        <Table aria-label="Aliases">
          <Table.Tbody>
            {aliases.map(([alias, version]) => {
              const previous = previousVersion(history, alias, version);
              return (
                <Table.Tr key={alias}>
                  <Table.Td>@{alias}</Table.Td>
                  <Table.Td>
                    <Anchor href={versionAddress(model.name, version)}>version {version}</Anchor>
                  </Table.Td>
                  <Table.Td>
                    {previous !== null && (
                      <Button
                        size="compact-sm"
                        variant="default"
                        loading={move.isPending}
                        onClick={() => move.mutate({ alias, version: previous })}
                      >
                        Roll back to version {previous}
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}
