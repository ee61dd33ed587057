import { Group, Table, Text } from "@mantine/core";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { Age } from "../../components/age.tsx";
import { formatMetric, formatSeconds } from "../../components/format.ts";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { JobLink, RunLink, VersionLink } from "./job-links.tsx";

/** Jobs that have ended, the newest first. */
export function FinishedJobs({ jobs }: { jobs: readonly TrainingJob[] }) {
  return (
    <TitledTable
      label="Finished jobs"
      titles={["Job", "Status", "Dataset", "Took", "Loss", "Ended", "Made"]}
      minWidth={760}
      highlightOnHover
    >
      {jobs.map((job) => (
        <Table.Tr key={job.id}>
          <Table.Td>
            <JobLink job={job} />
            {job.error !== null && (
              <Text size="xs" c="dimmed" lineClamp={2} maw={320} title={job.error.message}>
                {job.error.code}: {job.error.message}
              </Text>
            )}
          </Table.Td>
          <Table.Td>
            <StatusBadge status={job.status} />
          </Table.Td>
          <Table.Td>{job.dataset}</Table.Td>
          <Table.Td>{durationOf(job)}</Table.Td>
          <Table.Td>
            {typeof job.progress?.loss === "number" ? formatMetric(job.progress.loss) : "–"}
          </Table.Td>
          <Table.Td>{job.finished_at !== null && <Age at={job.finished_at} />}</Table.Td>
          <Table.Td>
            <Group gap="xs" wrap="nowrap">
              {job.status === "completed" && <VersionLink job={job} />}
              <RunLink job={job} />
            </Group>
          </Table.Td>
        </Table.Tr>
      ))}
    </TitledTable>
  );
}

/** From its first start to its end. */
export function durationOf({ started_at, finished_at }: TrainingJob): string {
  if (started_at === null || finished_at === null) return "–";
  return formatSeconds((new Date(finished_at).getTime() - new Date(started_at).getTime()) / 1000);
}
