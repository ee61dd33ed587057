import { Alert, Button, Group, Stack, Table, TextInput, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { GateResult, Model } from "@hearth/wire/hub/models";
import { useState } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatMetric } from "../../components/format.ts";
import { hub } from "../../hub/hub.ts";

/** Gives a version an alias if its gates hold, and tells what each gate found. */
export function PromoteDialog({
  model,
  version,
  onClose,
}: {
  model: Model;
  version: number;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [alias, setAlias] = useState("champion");
  const [gates, setGates] = useState("");
  const promote = useMutation({
    mutationFn: () =>
      hub.models.promote(model.name, {
        version,
        alias,
        require: gates
          .split("\n")
          .map((gate) => gate.trim())
          .filter((gate) => gate !== ""),
      }),
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Dialog opened onClose={onClose} title={`Promote ${model.name}:${version}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          promote.mutate();
        }}
      >
        <Stack>
          <TextInput
            label="Alias"
            required
            value={alias}
            onChange={(event) => setAlias(event.target.value)}
          />
          <Textarea
            label="Gates"
            description="One a line; all must hold. Example: accuracy>=champion+0.01"
            autosize
            minRows={2}
            value={gates}
            onChange={(event) => setGates(event.target.value)}
          />
          {promote.error !== null && <ErrorNotice error={promote.error} />}
          {promote.data !== undefined && <GateChecks result={promote.data} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={promote.isPending}>
              Promote
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function GateChecks({ result }: { result: GateResult }) {
  const title = result.promoted
    ? `@${result.alias} is version ${result.version} now`
    : `Refused: @${result.alias} stays as it was`;
  return (
    <Alert color={result.promoted ? "green" : "red"} title={title} role="status">
      {result.checks.length > 0 && (
        <Table.ScrollContainer minWidth={420}>
          <Table aria-label="Gates">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Gate</Table.Th>
                <Table.Th>Value</Table.Th>
                <Table.Th>Threshold</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {result.checks.map((check) => (
                <Table.Tr key={check.expression}>
                  <Table.Td>
                    {check.passed ? "✓ " : "✗ "}
                    {check.expression}
                  </Table.Td>
                  <Table.Td>{check.value === null ? "–" : formatMetric(check.value)}</Table.Td>
                  <Table.Td>{check.threshold === null ? "–" : formatMetric(check.threshold)}</Table.Td>
                  <Table.Td>{check.reason}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Alert>
  );
}
