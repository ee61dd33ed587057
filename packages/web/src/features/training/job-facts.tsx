import { Table } from "@mantine/core";
import type { JobProgress, TrainingJob } from "@hearth/wire/hub/training";
import type { ReactNode } from "react";
import { formatMetric } from "../../components/format.ts";
import { durationOf } from "./finished-jobs.tsx";

/** What was asked for and what came of it. */
export function JobFacts({ job, progress }: { job: TrainingJob; progress: JobProgress | null }) {
  const figure = (value: number | null | undefined) =>
    typeof value === "number" ? formatMetric(value) : null;
  const facts: [string, ReactNode][] = [
    ["Loss", figure(progress?.loss)],
    ["First loss", figure(progress?.first_loss)],
    ["Validation loss", figure(progress?.validation_loss)],
    ["Tokens a second", figure(progress?.tokens_per_second)],
    ["Took", job.finished_at === null ? null : durationOf(job)],
    ["Attempt", job.attempt > 1 ? `${job.attempt} of ${job.max_retries + 1}` : null],
    ["sha256", job.adapter_sha256],
    ["Trainer", `${job.trainer}: ${job.trainer_reason}`],
    ["Dataset", job.dataset],
    ...Object.entries({ ...job.parameters, trainer: undefined }).map(([name, value]): [string, ReactNode] => [
      name,
      shown(value),
    ]),
  ];
  return (
    <Table variant="vertical" layout="fixed">
      <Table.Tbody>
        {facts
          .filter(([, value]) => value !== null && value !== undefined)
          .map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w="40%" style={{ overflowWrap: "anywhere" }}>
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}

function shown(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value).replaceAll('"', "");
}
