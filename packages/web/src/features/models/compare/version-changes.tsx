import { Code, Group, List, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import type { AnswersDiff, RowExample, SplitDiff, VersionDiff } from "@hearth/wire/hub/version-diff";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { Section } from "../../../components/section.tsx";
import { TitledTable } from "../../../components/titled-table.tsx";
import { hub } from "../../../hub/hub.ts";

/** What changed from one version to another in its rows and in what it said while it learned; the tables tell the rest. */
export function VersionChanges({ from, to }: { from: string; to: string }) {
  const { data: diff, error } = useQuery({
    queryKey: ["models", "diff", from, to],
    queryFn: ({ signal }) => hub.models.diff(from, { to }, { signal }),
    meta: { topics: ["models", "evaluations"] },
  });
  // What evaluations keep is told beside the rows, and nothing is asked for this.
  const sampled = diff?.answers.find(({ source }) => source === "samples");
  return (
    <Section title="What changed">
      {error !== null && <ErrorNotice error={error} />}
      {diff === undefined && error === null && <Skeleton height={100} />}
      {diff !== undefined && (
        <Stack>
          {diff.same && <Text role="status">Nothing that decides an answer differs between them.</Text>}
          <DataChanges diff={diff} />
          {sampled !== undefined && <SampledAnswers answers={sampled} of={[from, to]} />}
        </Stack>
      )}
    </Section>
  );
}

function DataChanges({ diff: { data } }: { diff: VersionDiff }) {
  if (data.from === null && data.to === null) return null;
  return (
    <section aria-label="Data">
      <Title order={3} size="h5">
        Data
      </Title>
      {data.changed ? (
        data.splits.map((split) => <Split key={split.split} split={split} />)
      ) : (
        <Text>Both were made from the same rows.</Text>
      )}
    </section>
  );
}

function Split({ split: { split, from, to, counts, examples } }: { split: SplitDiff }) {
  return (
    <>
      <Text>
        {split}: {from?.rows ?? 0} → {to?.rows ?? 0} rows
        {counts === null
          ? ", too many to be compared"
          : `: ${counts.added} added, ${counts.removed} removed, ${counts.changed} with another answer, ${counts.unchanged} the same`}
      </Text>
      <List listStyleType="none" aria-label={`Changed rows of ${split}`}>
        {examples.map((example) => (
          <List.Item key={`${example.kind} ${example.from_row} ${example.to_row}`}>
            <Example example={example} />
          </List.Item>
        ))}
      </List>
    </>
  );
}

function Example({ example: { kind, from_row, to_row, from, to } }: { example: RowExample }) {
  return (
    <Group gap="xs" wrap="nowrap" align="baseline">
      <Text span size="sm" w={150} style={{ flexShrink: 0 }}>
        {kind === "changed" ? `changed, ${from_row} → ${to_row}` : `${kind}, row ${from_row ?? to_row}`}
      </Text>
      <Code style={{ overflowWrap: "anywhere" }}>
        {[from, to].flatMap((row) => (row === null ? [] : [textOf(row)])).join(" → ")}
      </Code>
    </Group>
  );
}

function textOf({ format: _format, ...content }: NonNullable<RowExample["from"]>): string {
  return JSON.stringify(content);
}

function SampledAnswers({ answers, of: [from, to] }: { answers: AnswersDiff; of: [string, string] }) {
  const { of, compared, differing, examples } = answers;
  return (
    <section aria-label="Sampled answers">
      <Title order={3} size="h5">
        Sampled answers
      </Title>
      <Text>
        {of}: {differing} of {compared} differ.
      </Text>
      {examples.length > 0 && (
        <TitledTable
          label={`Sampled answers, ${of}`}
          titles={["Prompt", "Expected", from, to]}
          minWidth={600}
        >
          {examples.map((one) => (
            <Table.Tr key={one.prompt} style={{ verticalAlign: "top" }}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{one.prompt}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{one.expected ?? "–"}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{one.from}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{one.to}</Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
    </section>
  );
}
