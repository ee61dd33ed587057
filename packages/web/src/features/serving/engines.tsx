import { Anchor, Button, Group, Table } from "@mantine/core";
import type { EngineState } from "@hearth/wire/hub/serving";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatBytes } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { referenceAddress } from "../../routing/addresses.ts";
import { hub } from "../../hub/hub.ts";
import { LoadModel } from "./load-model.tsx";

const deeds = {
  pin: (base: string) => hub.models.pin(base),
  unpin: (base: string) => hub.models.unpin(base),
  unload: (base: string) => hub.models.unload(base),
} as const;

/** Models in memory, each in a process of its own, with what can be done to them. */
export function Engines({ engines }: { engines: readonly EngineState[] }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: ({ deed, base }: { deed: keyof typeof deeds; base: string }) => deeds[deed](base),
    onSettled: () => queries.invalidateQueries({ queryKey: ["status"] }),
  });
  return (
    <Section title="Loaded models">
      {change.error !== null && <ErrorNotice error={change.error} />}
      <LoadModel />
      {engines.length === 0 ? (
        <EmptyState
          title="No model is loaded"
          action={<Anchor renderRoot={(props) => <Link to="/chat" {...props} />}>Ask one something</Anchor>}
        >
          A model is loaded by the first question to it, and unloaded when nobody asks for a while.
        </EmptyState>
      ) : (
        <TitledTable
          label="Loaded models"
          titles={[
            "Model",
            "Memory",
            "Slots",
            "Context",
            "Active",
            "Waiting",
            "Adapters",
            "Unloads at",
            "Actions",
          ]}
          minWidth={820}
        >
          {engines.map((engine) => (
            <Table.Tr key={`${engine.base} ${engine.pid}`}>
              <Table.Td>
                <Anchor inherit href={referenceAddress(engine.base)}>
                  {engine.base}
                </Anchor>
              </Table.Td>
              <Table.Td>{formatBytes(engine.memory_bytes)}</Table.Td>
              <Table.Td>{engine.slots}</Table.Td>
              <Table.Td>{engine.context ?? "loading"}</Table.Td>
              <Table.Td>{engine.active - engine.waiting}</Table.Td>
              <Table.Td>{engine.waiting}</Table.Td>
              <Table.Td>{engine.adapters}</Table.Td>
              <Table.Td>{unloading(engine)}</Table.Td>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  {([engine.pinned ? "unpin" : "pin", "unload"] as const).map((deed) => (
                    <Button
                      key={deed}
                      size="compact-xs"
                      variant="default"
                      disabled={change.isPending}
                      aria-label={`${deed} ${engine.base}`}
                      onClick={() => change.mutate({ deed, base: engine.base })}
                    >
                      {deed}
                    </Button>
                  ))}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
    </Section>
  );
}

function unloading({ pinned, unloads_at }: EngineState): string {
  if (pinned) return "never: pinned";
  return unloads_at === null ? "not while used" : new Date(unloads_at).toLocaleTimeString();
}
