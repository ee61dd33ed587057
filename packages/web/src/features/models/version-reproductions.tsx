import { Anchor, Badge, List, Text } from "@mantine/core";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { useQuery } from "@tanstack/react-query";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { jobAddress } from "../../routing/addresses.ts";

const mostShown = 20;

/** What came of training this version again, the newest first. */
export function VersionReproductions({ version }: { version: ModelVersion }) {
  const { data, error } = useQuery({
    queryKey: ["training", "reproductions", version.id],
    queryFn: ({ signal }) =>
      hub.jobs.list({ kind: "reproduce", versionId: version.id, pageSize: mostShown, signal }),
    meta: { topics: ["jobs"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  return (
    <Section title="Reproductions">
      {data?.total === 0 && <Text c="dimmed">It was not trained again yet.</Text>}
      <List listStyleType="none" aria-label="Reproductions">
        {data?.items.map((job) => (
          <List.Item key={job.id}>
            <Anchor href={jobAddress(job.id)}>
              <Age at={job.created_at} />
            </Anchor>{" "}
            <Badge variant="dot" color={colourOf(job)} tt="none">
              {outcomeOf(job)}
            </Badge>{" "}
            <Text span size="sm" style={{ overflowWrap: "anywhere" }}>
              {job.reproduction?.causes[0]?.what ?? job.error?.message}
            </Text>
          </List.Item>
        ))}
      </List>
    </Section>
  );
}

function outcomeOf({ status, identical }: TrainingJob): string {
  if (identical === null) return status;
  return identical ? "identical" : "not identical";
}

function colourOf({ status, identical }: TrainingJob): string {
  if (identical === null) return status === "failed" ? "red" : "gray";
  return identical ? "green" : "yellow";
}
