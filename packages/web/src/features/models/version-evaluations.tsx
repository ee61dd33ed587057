import { Button, Group, Progress, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { splitName } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { useRef, useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { datasetsQuery } from "../../hub/queries.ts";
import { EvaluationResult } from "./evaluation-result.tsx";
import { Pages } from "../../components/pages.tsx";

/** Each is a table or two. */
const pageSize = 10;

/** What was measured of a version, and a way to measure it now. */
export function VersionEvaluations({ version }: { version: ModelVersion }) {
  const queries = useQueryClient();
  const [page, setPage] = useState(1);
  const [dataset, setDataset] = useState<string | null>(null);
  const [split, setSplit] = useState("test");
  const stop = useRef<AbortController | null>(null);
  const [progress, setProgress] = useState({ done: 0, total: 0 });
  const { data: evaluations, error } = useQuery({
    queryKey: ["evaluations", "of", version.id, page],
    queryFn: ({ signal }) => hub.evaluations.list({ versionId: version.id, page, pageSize, signal }),
    placeholderData: keepPreviousData,
    meta: { topics: ["evaluations"] },
  });
  const { data: datasets } = useQuery(datasetsQuery);
  const run = useMutation({
    mutationFn: () => {
      stop.current = new AbortController();
      return hub.evaluations.run(
        {
          model: `${version.model}:${version.version}`,
          dataset: dataset ?? "",
          split: splitName.parse(split),
        },
        { onProgress: (done, total) => setProgress({ done, total }), signal: stop.current.signal },
      );
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const names = new Map(datasets?.map((one) => [one.id, `${one.name}:${one.version}`]));
  return (
    <Section title="Evaluations">
      <Stack>
        {version.status === "ready" && (
          <Group align="flex-end">
            <Select
              label="Dataset"
              placeholder="Choose one"
              searchable
              data={[...names].map(([value, label]) => ({ value, label }))}
              value={dataset}
              onChange={setDataset}
            />
            <Select
              label="Split"
              data={splitName.options}
              value={split}
              allowDeselect={false}
              onChange={(value) => setSplit(value ?? "test")}
            />
            <Button disabled={dataset === null} loading={run.isPending} onClick={() => run.mutate()}>
              Evaluate
            </Button>
          </Group>
        )}
        {run.isPending && (
          <>
            <Progress
              value={(100 * progress.done) / Math.max(1, progress.total)}
              aria-label="Rows answered"
            />
            <Group gap="sm">
              <Text size="sm">
                {progress.done} of {progress.total} rows
              </Text>
              <Button size="compact-sm" variant="default" onClick={() => stop.current?.abort()}>
                Stop
              </Button>
            </Group>
          </>
        )}
        {run.error !== null && !isStopped(run.error) && <ErrorNotice error={run.error} />}
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

function isStopped(error: Error): boolean {
  return error.name === "AbortError";
}
