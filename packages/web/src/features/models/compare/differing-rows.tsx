import { Button, Group, Text } from "@mantine/core";
import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { differingRows } from "./stored-answers.ts";

const mostShown = 30;

export interface DifferingRowsProps {
  versions: readonly ModelVersion[];
  /** The newest of each version on these rows; undefined: it was not evaluated on them. */
  evaluations: readonly (Evaluation | undefined)[];
  /** Goes to a row, counted from 1. */
  open: (row: number) => void;
}

/** Where the evaluations of these rows say different things. */
export function DifferingRows({ versions, evaluations, open }: DifferingRowsProps) {
  const missing = versions.filter((_, index) => evaluations[index] === undefined);
  if (missing.length > 0)
    return (
      <Text size="sm" c="dimmed">
        Not evaluated on these rows: {missing.map(({ model, version }) => `${model}:${version}`).join(", ")}.
        Evaluate there, and what was answered shows here; or ask these rows now.
      </Text>
    );
  const rows = differingRows(evaluations.flatMap((one) => one ?? []));
  if (rows.length === 0)
    return (
      <Text size="sm" c="dimmed">
        In what the evaluations keep, no row was answered differently.
      </Text>
    );
  return (
    <Group gap={4} role="group" aria-label="Rows that were answered differently">
      <Text size="sm">Answered differently in the evaluations:</Text>
      {rows.slice(0, mostShown).map((row) => (
        <Button key={row} size="compact-sm" variant="default" onClick={() => open(row)}>
          row {row}
        </Button>
      ))}
      {rows.length > mostShown && <Text size="sm">and {rows.length - mostShown} more</Text>}
    </Group>
  );
}
