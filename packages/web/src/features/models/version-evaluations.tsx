import { Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { datasetsQuery } from "../../hub/queries.ts";
import { EvaluationForm } from "./evaluation-form.tsx";
import { EvaluationResult } from "./evaluation-result.tsx";
import { Pages } from "../../components/pages.tsx";

/** Each is a table or two. */
const pageSize = 10;

/** What was measured of a version, and a way to measure it now. */
export function VersionEvaluations({ version }: { version: ModelVersion }) {
  const [page, setPage] = useState(1);
  const { data: evaluations, error } = useQuery({
    queryKey: ["evaluations", "of", version.id, page],
    queryFn: ({ signal }) => hub.evaluations.list({ versionId: version.id, page, pageSize, signal }),
    placeholderData: keepPreviousData,
    meta: { topics: ["evaluations"] },
  });
  const { data: datasets } = useQuery(datasetsQuery);
  const names = new Map(datasets?.map((one) => [one.id, `${one.name}:${one.version}`]));
  return (
    <Section title="Evaluations">
      <Stack>
        {version.status === "ready" && <EvaluationForm version={version} />}
        {error !== null && <ErrorNotice error={error} />}
        {evaluations?.total === 0 && <Text c="dimmed">Not evaluated yet.</Text>}
        {evaluations?.items.map((one) => (
          <EvaluationResult
            key={one.id}
            evaluation={one}
            dataset={names.get(one.dataset_id) ?? one.dataset_id}
          />
        ))}
        <Pages
          total={Math.ceil((evaluations?.total ?? 0) / pageSize)}
          value={page}
          onChange={setPage}
          name="the evaluations"
        />
      </Stack>
    </Section>
  );
}
