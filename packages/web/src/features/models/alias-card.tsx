import { Anchor, Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";
import { versionAddress } from "../../routing/addresses.ts";
import { lastMove, rollbackTarget, type AliasEvent } from "./alias-events.ts";
import { compareAddress } from "./compare/compare-search.ts";
import { GateChecks } from "./gate-checks.tsx";

export interface AliasCardProps {
  model: string;
  alias: string;
  /** That it names now. */
  version: number;
  events: readonly AliasEvent[];
}

/** A name that a version answers under: since when and by which gates, with a way back and a way out. */
export function AliasCard({ model, alias, version, events }: AliasCardProps) {
  const queries = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const moved = lastMove(events, alias, version);
  const previous = moved?.previous ?? null;
  const target = rollbackTarget(events, alias);
  const rollBack = useMutation({
    mutationFn: () => hub.models.rollback(model, alias),
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Paper withBorder p="md" role="group" aria-label={`Alias ${alias}`}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Group gap="xs">
            <Badge variant="outline" tt="none" maw="100%">
              @{alias}
            </Badge>
            <Anchor size="sm" href={versionAddress(model, version)}>
              version {version}
            </Anchor>
            {moved !== undefined && (
              <Text size="sm" c="dimmed">
                {moved.kind === "rolled_back" ? "rolled back" : "promoted"} <Age at={moved.at} />
                {moved.by !== "" && ` by ${moved.by}`}
                {previous !== null && `, before it version ${previous}`}
              </Text>
            )}
          </Group>
          <Group gap="xs">
            {previous !== null && (
              <Button
                component="a"
                size="compact-sm"
                variant="subtle"
                href={compareAddress([`${model}:${previous}`, `${model}:${version}`])}
              >
                Compare both
              </Button>
            )}
            {target !== null && target !== version && (
              <Button
                size="compact-sm"
                variant="default"
                loading={rollBack.isPending}
                onClick={() => rollBack.mutate()}
              >
                Roll back to version {target}
              </Button>
            )}
            <Button size="compact-sm" variant="default" onClick={() => setRemoving(true)}>
              Remove
            </Button>
          </Group>
        </Group>
        {moved !== undefined && moved.checks.length === 0 && (
          <Text size="sm" c="dimmed">
            No gate was asked for.
          </Text>
        )}
        {moved !== undefined && moved.checks.length > 0 && (
          <GateChecks label={`Gates of ${alias}`} checks={moved.checks} />
        )}
        {rollBack.error !== null && <ErrorNotice error={rollBack.error} />}
      </Stack>
      {removing && <RemoveAlias model={model} alias={alias} onClose={() => setRemoving(false)} />}
    </Paper>
  );
}

function RemoveAlias({ model, alias, onClose }: { model: string; alias: string; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => hub.models.removeAlias(model, alias),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <FormDialog title={`Remove @${alias}?`} submit="Remove the alias" mutation={remove} onClose={onClose}>
      <Text style={{ overflowWrap: "anywhere" }}>
        Who asks for {model}@{alias} gets an error then. The version stays.
      </Text>
    </FormDialog>
  );
}
