import { Anchor, List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Dataset } from "@hearth/wire/hub/datasets";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { hub } from "../../hub/hub.ts";
import { versionAddress } from "../../routing/addresses.ts";

/** Versions that were made from a data set, jobs, and evaluations on it. */
export function DatasetUsesView({ dataset }: { dataset: Dataset }) {
  const { data, error } = useQuery({
    queryKey: ["dataset", dataset.id, "uses"],
    queryFn: ({ signal }) => hub.datasets.uses(dataset.id, { signal }),
    meta: { topics: ["models", "jobs", "evaluations"] },
  });
  return (
    <Section title="Used by">
      {error !== null && <ErrorNotice error={error} />}
      {data !== undefined && data.versions.length + data.jobs.length + data.evaluations.length === 0 && (
        <Text c="dimmed">Nothing yet.</Text>
      )}
      {data !== undefined && (
        <List aria-label="Used by">
          {data.versions.map(({ model, version }) => (
            <List.Item key={`${model}:${version}`}>
              Version{" "}
              <Anchor underline="always" href={versionAddress(model, version)}>
                {model}:{version}
              </Anchor>
            </List.Item>
          ))}
          {data.jobs.map((job) => (
            <List.Item key={job.id}>
              Job{" "}
              <Anchor underline="always" href={`#/training/jobs/${encodeURIComponent(job.id)}`}>
                {job.id.slice(0, 8)}
              </Anchor>{" "}
              <StatusBadge status={job.status} /> <Age at={job.created_at} />
            </List.Item>
          ))}
          {data.evaluations.map((evaluation) => (
            <List.Item key={evaluation.id}>
              Evaluation of{" "}
              <Anchor underline="always" href={versionAddress(evaluation.model, evaluation.version)}>
                {evaluation.model}:{evaluation.version}
              </Anchor>{" "}
              on {evaluation.split}, <Age at={evaluation.created_at} />
            </List.Item>
          ))}
        </List>
      )}
    </Section>
  );
}
