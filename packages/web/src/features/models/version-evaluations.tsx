import { Button, Group, Progress, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { splitName } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { datasetsQuery } from "../../hub/queries.ts";
import { EvaluationResult } from "./evaluation-result.tsx";

/** What was measured of a version, and a way to measure it now. */
export function VersionEvaluations({ version }: { version: ModelVersion }) {
  const queries = useQueryClient();
  const [dataset, setDataset] = useState<string | null>(null);
  const [split, setSplit] = useState("test");
  const [progress, setProgress] = useState({ done: 0, total: 0 });
  const { data: evaluations, error } = useQuery({
    queryKey: ["evaluations"],
    queryFn: ({ signal }) => hub.evaluations.list({ signal, pageSize: 200 }),
    meta: { topics: ["evaluations"] },
  });
  const { data: datasets } = useQuery(datasetsQuery);
  const run = useMutation({
    mutationFn: () =>
      hub.evaluations.run(
        {
          model: `${version.model}:${version.version}`,
          dataset: dataset ?? "",
          split: splitName.parse(split),
        },
        { onProgress: (done, total) => setProgress({ done, total }) },
      ),
    onSettled: () => queries.invalidateQueries(),
  });
  const own = evaluations?.items.filter((one) => one.version_id === version.id) ?? [];
  const names = new Map(datasets?.map((one) => [one.id, `${one.name}:${one.version}`]));
  return (
    <Section title="Evaluations">
      <Stack>
        {version.status === "ready" && (
          <Group align="flex-end">
            <Select
              label="Dataset"
              placeholder="Choose one"
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
            <Text size="sm">
              {progress.done} of {progress.total} rows
            </Text>
          </>
        )}
        {run.error !== null && <ErrorNotice error={run.error} />}
        {error !== null && <ErrorNotice error={error} />}
        {own.length === 0 && <Text c="dimmed">Not evaluated yet.</Text>}
        {own.map((one) => (
          <EvaluationResult
            key={one.id}
            evaluation={one}
            dataset={names.get(one.dataset_id) ?? one.dataset_id}
          />
        ))}
      </Stack>
    </Section>
  );
}
