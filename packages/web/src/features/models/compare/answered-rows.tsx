import { Stack, Table, Text } from "@mantine/core";
import type { DatasetRows } from "@hearth/wire/hub/datasets";
import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { TitledTable } from "../../../components/titled-table.tsx";
import { Verdict } from "./answer-card.tsx";
import type { ComparedAnswer } from "./asking.ts";
import { askedOf, expectedOf, keyOf } from "./row-questions.ts";
import { SaidText } from "./said-text.tsx";
import { storedAnswer, type StoredAnswer } from "./stored-answers.ts";
import { asExpected } from "./text-difference.ts";

/** px */
const cellHeight = 160;

export interface AnsweredRowsProps {
  rows: DatasetRows;
  versions: readonly ModelVersion[];
  /** The newest of each version on these rows. */
  evaluations: readonly (Evaluation | undefined)[];
  /** What was asked now, by key. */
  answers: ReadonlyMap<string, ComparedAnswer>;
}

/** Rows under each other, the versions' answers beside what was expected. */
export function AnsweredRows({ rows, versions, evaluations, answers }: AnsweredRowsProps) {
  const titles = versions.map(({ model, version }) => `${model}:${version}`);
  return (
    <TitledTable
      label="Answers to rows"
      titles={["Row", "Asked", "Expected", ...titles]}
      minWidth={320 + 170 * versions.length}
      verticalSpacing="xs"
    >
      {rows.items.map((content, index) => {
        const row = rows.offset + index + 1;
        const expected = expectedOf(content);
        return (
          <Table.Tr key={row} style={{ verticalAlign: "top" }}>
            <Table.Td>{row}</Table.Td>
            <Table.Td>
              <SaidText text={askedOf(content)} height={cellHeight} />
            </Table.Td>
            <Table.Td>{expected === null ? "–" : <SaidText text={expected} height={cellHeight} />}</Table.Td>
            {versions.map((version, column) => {
              const evaluation = evaluations[column];
              return (
                <Table.Td key={version.id} miw={160}>
                  <Answered
                    now={answers.get(keyOf(version, rows.split, row))}
                    kept={evaluation === undefined ? null : storedAnswer(evaluation, row)}
                    expected={expected ?? ""}
                  />
                </Table.Td>
              );
            })}
          </Table.Tr>
        );
      })}
    </TitledTable>
  );
}

function Answered({
  now,
  kept,
  expected,
}: {
  now: ComparedAnswer | undefined;
  kept: StoredAnswer | null;
  expected: string;
}) {
  if (now?.state === "failed") return <ErrorNotice error={now.error} />;
  if (now !== undefined)
    return (
      <Stack gap={4} align="flex-start">
        <SaidText text={now.text} height={cellHeight} />
        {now.state === "done" && <Verdict right={asExpected(now.text, expected)} />}
        {now.state !== "done" && (
          <Text size="xs" c="dimmed">
            {now.state}
          </Text>
        )}
      </Stack>
    );
  if (kept === null) return <>–</>;
  return (
    <Stack gap={4} align="flex-start">
      {!kept.right && <SaidText text={kept.answer} height={cellHeight} />}
      <Verdict right={kept.right} />
      <Text size="xs" c="dimmed">
        in its evaluation
      </Text>
    </Stack>
  );
}
