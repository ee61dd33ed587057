import { Alert, Select, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Dataset, TokenStatistics } from "@hearth/wire/hub/datasets";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";

/** How long the rows are in tokens of a model, and what a job would cut. */
export function DatasetTokens({ dataset }: { dataset: Dataset }) {
  const [model, setModel] = useState<string | null>(null);
  const bases = useQuery({
    queryKey: ["bases"],
    queryFn: ({ signal }) => hub.jobs.bases({ signal }),
    meta: { topics: ["models"] },
  });
  const { data, error, isFetching } = useQuery({
    queryKey: ["dataset", dataset.id, "tokens", model],
    enabled: model !== null,
    queryFn: ({ signal }) => hub.datasets.statistics(dataset.id, { model: model ?? "", signal }),
    staleTime: Infinity,
  });
  return (
    <Section title="Tokens">
      <Select
        label="Tokens of"
        placeholder="Choose a model"
        data={bases.data ?? []}
        value={model}
        onChange={setModel}
        maw={320}
      />
      {bases.error !== null && <ErrorNotice error={bases.error} />}
      {error !== null && <ErrorNotice error={error} />}
      {isFetching && <Text size="sm">Counting …</Text>}
      {data !== undefined && data.tokens !== null && <Lengths tokens={data.tokens} />}
    </Section>
  );
}

function Lengths({ tokens: { sequence_length, splits, problem } }: { tokens: TokenStatistics }) {
  const titles = [
    "Split",
    "Tokens",
    "Learned",
    "p50",
    "p90",
    "p95",
    "p99",
    "Longest",
    "Cut",
    "Lost",
    "Empty",
  ];
  return (
    <>
      <TitledTable label="Tokens of rows" titles={titles} minWidth={640}>
        {splits.map((one) => (
          <Table.Tr key={one.split}>
            <Table.Th scope="row">{one.split}</Table.Th>
            {[
              one.tokens,
              one.learned,
              one.p50,
              one.p90,
              one.p95,
              one.p99,
              one.max,
              one.truncated,
              one.lost,
              one.unlearnable,
            ].map((count, index) => (
              <Table.Td key={index}>{formatCount(count)}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </TitledTable>
      <Text size="sm" c="dimmed">
        Cut: rows of more than {formatCount(sequence_length)} tokens; lost: their tokens beyond that; empty:
        rows with nothing to learn
      </Text>
      {problem !== null && (
        <Alert color="red" title="A job would fail">
          {problem}
        </Alert>
      )}
    </>
  );
}
