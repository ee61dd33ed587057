import { Group, Progress, Skeleton, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { splitName, type Dataset } from "@hearth/wire/hub/datasets";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { DatasetRepeats } from "./dataset-repeats.tsx";
import { DatasetTokens } from "./dataset-tokens.tsx";

/** How often each label is the answer, and how long the rows are. */
export function DatasetStatisticsView({ dataset }: { dataset: Dataset }) {
  const { data, error } = useQuery({
    queryKey: ["dataset", dataset.id, "statistics"],
    queryFn: ({ signal }) => hub.datasets.statistics(dataset.id, { signal }),
    // A stored version never changes.
    staleTime: Infinity,
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return <Skeleton height={200} />;
  const splits = splitName.options.filter((split) => dataset.splits[split] !== undefined);
  const most = Math.max(1, ...data.lengths.bins.map((bin) => bin.rows));
  return (
    <>
      {data.labels.length > 0 && (
        <Section title="Labels">
          <Table aria-label="Labels">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Label</Table.Th>
                {splits.map((split) => (
                  <Table.Th key={split}>{split}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.labels.map(({ label, counts }) => (
                <Table.Tr key={label}>
                  <Table.Th scope="row">{label}</Table.Th>
                  {splits.map((split) => (
                    <Table.Td key={split}>{formatCount(counts[split] ?? 0)}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Section>
      )}
      <DatasetRepeats statistics={data} />
      <DatasetTokens dataset={dataset} />
      <section>
        <Title order={2} size="h4">
          Length of rows
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          Characters: shortest {formatCount(data.lengths.shortest)}, median {formatCount(data.lengths.median)}
          , longest {formatCount(data.lengths.longest)}
        </Text>
        {data.lengths.bins.map((bin) => (
          <Group key={bin.from} wrap="nowrap" gap="sm">
            <Text size="sm" w={110} ta="right">
              {formatCount(bin.from)}
              {bin.to - 1 > bin.from && `–${formatCount(bin.to - 1)}`}
            </Text>
            <Progress
              value={(100 * bin.rows) / most}
              flex={1}
              maw={480}
              aria-label={`Rows of ${bin.from} to ${bin.to - 1} characters`}
            />
            <Text size="sm" w={70}>
              {formatCount(bin.rows)}
            </Text>
          </Group>
        ))}
      </section>
    </>
  );
}
