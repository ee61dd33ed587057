import { Code, Group, List, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import type { AnswersDiff, RowExample, SplitDiff, VersionDiff } from "@hearth/wire/hub/version-diff";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { Section } from "../../../components/section.tsx";
import { TitledTable } from "../../../components/titled-table.tsx";
import { hub } from "../../../hub/hub.ts";

/** What changed from one version to another in its data, its surroundings and its kept answers. */
export function VersionChanges({ from, to }: { from: string; to: string }) {
  const { data: diff, error } = useQuery({
    queryKey: ["models", "diff", from, to],
    queryFn: ({ signal }) => hub.models.diff(from, { to }, { signal }),
    meta: { topics: ["models", "evaluations"] },
  });
  return (
    <Section title="What changed">
      {error !== null && <ErrorNotice error={error} />}
      {diff === undefined && error === null && <Skeleton height={100} />}
      {diff !== undefined && (
        <Stack>
          {diff.same && <Text role="status">Nothing that decides an answer differs between them.</Text>}
          <DataChanges diff={diff} />
          <Surroundings diff={diff} />
          {diff.answers.map((answers) => (
            <KeptAnswers key={`${answers.source} ${answers.of}`} answers={answers} of={[from, to]} />
          ))}
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
      <Text span size="sm" w={150}>
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

function Surroundings({ diff: { environment, from, to } }: { diff: VersionDiff }) {
  return (
    <section aria-label="Code and environment">
      <Title order={3} size="h5">
        Code and environment
      </Title>
      {environment.length === 0 ? (
        <Text>The same code, programs and machine.</Text>
      ) : (
        <TitledTable
          label="What they ran with"
          titles={["Name", from.reference, to.reference]}
          minWidth={500}
        >
          {environment.map((fact) => (
            <Table.Tr key={fact.name}>
              <Table.Td>{fact.name}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{fact.from ?? "–"}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{fact.to ?? "–"}</Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
    </section>
  );
}

const sources: Record<AnswersDiff["source"], string> = {
  evaluations: "Kept answers",
  samples: "Sampled answers",
  asked: "Asked answers",
};

function KeptAnswers({ answers, of: [from, to] }: { answers: AnswersDiff; of: [string, string] }) {
  const { source, of, compared, differing, examples } = answers;
  return (
    <section aria-label={sources[source]}>
      <Title order={3} size="h5">
        {sources[source]}
      </Title>
      <Text>
        {of}: {differing} of {compared} differ.
      </Text>
      {examples.length > 0 && (
        <TitledTable
          label={`${sources[source]}, ${of}`}
          titles={["Prompt", "Expected", from, to]}
          minWidth={600}
        >
          {examples.map((one) => (
            <Table.Tr key={`${one.row} ${one.prompt}`}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{one.prompt ?? `row ${one.row}`}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{one.expected ?? "–"}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{one.from ?? "as expected"}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{one.to ?? "as expected"}</Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
    </section>
  );
}
