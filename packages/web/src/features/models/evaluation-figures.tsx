import { Table, Text } from "@mantine/core";
import type { Evaluation } from "@hearth/wire/hub/evaluation";
import { formatMetric } from "../../components/format.ts";
import { TitledTable } from "../../components/titled-table.tsx";
import { Whisker } from "./whisker.tsx";

/** Each metric with where it would lie on other rows like these. */
export function EvaluationFigures({ evaluation }: { evaluation: Evaluation }) {
  const { metrics, intervals, bootstrap } = evaluation;
  const level = bootstrap === null ? "Interval" : `${Math.round(100 * bootstrap.level)} % interval`;
  return (
    <>
      <TitledTable label="Figures" titles={["Metric", "Value", level, "On its scale", "Rows"]} minWidth={600}>
        {Object.entries(metrics).map(([name, value]) => {
          const interval = Object.hasOwn(intervals, name) ? intervals[name] : undefined;
          return (
            <Table.Tr key={name}>
              <Table.Td miw={130} style={{ overflowWrap: "anywhere" }}>
                {name}
              </Table.Td>
              <Table.Td fw={600}>{formatMetric(value)}</Table.Td>
              <Table.Td>
                {interval === undefined
                  ? "–"
                  : `${formatMetric(interval.low)} to ${formatMetric(interval.high)}`}
              </Table.Td>
              <Table.Td>
                {interval !== undefined && (
                  <Whisker {...interval} value={value} from={0} to={scaleOf(value, interval.high)} />
                )}
              </Table.Td>
              <Table.Td>{interval?.rows ?? "–"}</Table.Td>
            </Table.Tr>
          );
        })}
      </TitledTable>
      {bootstrap !== null && (
        <Text size="xs" c="dimmed">
          Percentile bootstrap over rows, {bootstrap.resamples} resamples, seed {bootstrap.seed}.
        </Text>
      )}
      {evaluation.absent.map(({ metric, reason }) => (
        <Text key={metric} size="sm" style={{ overflowWrap: "anywhere" }}>
          No {metric}: {reason}
        </Text>
      ))}
    </>
  );
}

/** Shares are shown from 0 to 1, everything else up to the end of its interval. */
function scaleOf(value: number, high: number): number {
  return value >= 0 && high <= 1 ? 1 : Math.max(value, high);
}
