import { Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Evaluation, EvaluationComparison } from "@hearth/wire/hub/evaluation";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { formatMetric } from "../../../components/format.ts";
import { Section } from "../../../components/section.tsx";
import { TitledTable } from "../../../components/titled-table.tsx";
import { hub } from "../../../hub/hub.ts";
import { Whisker } from "../whisker.tsx";
import type { ComparedVersion } from "./differences.ts";
import { evaluationPairs } from "./evaluation-pairs.ts";

/** What the second of the versions is ahead of the first by, where both were measured on the same rows. */
export function PairedDifferences({
  compared,
  datasets,
}: {
  compared: readonly ComparedVersion[];
  datasets: readonly Dataset[];
}) {
  const [first, second] = compared;
  if (first === undefined || second === undefined) return null;
  const pairs = evaluationPairs(first.evaluations, second.evaluations);
  const names = new Map(datasets.map((one) => [one.id, `${one.name}:${one.version}`]));
  const [one, other] = [first, second].map(({ version }) => `${version.model}:${version.version}`);
  return (
    <Section title="Difference on the same rows">
      <Stack>
        {pairs.length === 0 && (
          <Text size="sm" c="dimmed">
            {one} and {other} were not both measured on the same rows of a dataset.
          </Text>
        )}
        {pairs.map((pair) => (
          <Pair
            key={pair.first.id}
            first={pair.first}
            second={pair.second}
            dataset={names.get(pair.first.dataset_id) ?? pair.first.dataset_id}
          />
        ))}
      </Stack>
    </Section>
  );
}

function Pair({ first, second, dataset }: { first: Evaluation; second: Evaluation; dataset: string }) {
  const { data, error } = useQuery({
    queryKey: ["evaluations", "compared", first.id, second.id],
    queryFn: ({ signal }) => hub.evaluations.compare(first.id, second.id, { signal }),
    // What two evaluations found never changes.
    staleTime: Infinity,
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return null;
  return <Differences comparison={data} label={`${dataset}, ${data.split}, ${data.rows} rows`} />;
}

function Differences({ comparison, label }: { comparison: EvaluationComparison; label: string }) {
  const { first, second, right, bootstrap, metrics } = comparison;
  const named = ({ model, version }: typeof first): string => `${model}:${version}`;
  return (
    <section aria-label={label}>
      <Text size="sm">
        {label}. Right: both {right.both}, only {named(first)} {right.only_first}, only {named(second)}{" "}
        {right.only_second}, neither {right.neither}.
      </Text>
      <TitledTable
        label={`Differences on ${label}`}
        titles={[
          "Metric",
          named(first),
          named(second),
          "Difference",
          `${Math.round(100 * bootstrap.level)} % interval`,
          "Around no difference",
        ]}
        minWidth={760}
      >
        {Object.entries(metrics).map(([name, one]) => {
          const reach = Math.max(Math.abs(one.low), Math.abs(one.high), Math.abs(one.difference));
          return (
            <Table.Tr key={name} fw={one.low > 0 || one.high < 0 ? 600 : 400}>
              <Table.Td miw={130} style={{ overflowWrap: "anywhere" }}>
                {name}
              </Table.Td>
              <Table.Td>{formatMetric(one.first)}</Table.Td>
              <Table.Td>{formatMetric(one.second)}</Table.Td>
              <Table.Td>{formatMetric(one.difference)}</Table.Td>
              <Table.Td>
                {formatMetric(one.low)} to {formatMetric(one.high)}
              </Table.Td>
              <Table.Td>
                <Whisker
                  low={one.low}
                  high={one.high}
                  value={one.difference}
                  from={-reach}
                  to={reach}
                  mark={0}
                />
              </Table.Td>
            </Table.Tr>
          );
        })}
      </TitledTable>
      <Text size="xs" c="dimmed">
        Paired bootstrap over rows, {bootstrap.resamples} resamples, seed {bootstrap.seed}.
      </Text>
    </section>
  );
}
