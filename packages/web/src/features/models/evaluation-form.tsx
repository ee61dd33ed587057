import { Button, Group, MultiSelect, Progress, Select, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { splitName } from "@hearth/wire/hub/datasets";
import { builtInScorer } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { useRef, useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { hub } from "../../hub/hub.ts";
import { datasetsQuery } from "../../hub/queries.ts";

/** Measures a version now, with a way to stop. */
export function EvaluationForm({ version }: { version: ModelVersion }) {
  const queries = useQueryClient();
  const { data: datasets } = useQuery(datasetsQuery);
  const [dataset, setDataset] = useState<string | null>(null);
  const [split, setSplit] = useState("test");
  const [scorers, setScorers] = useState<string[]>([]);
  const [files, setFiles] = useState("");
  const stop = useRef<AbortController | null>(null);
  const [progress, setProgress] = useState({ done: 0, total: 0 });
  const run = useMutation({
    mutationFn: () => {
      stop.current = new AbortController();
      const paths = files
        .split("\n")
        .map((path) => path.trim())
        .filter((path) => path !== "");
      return hub.evaluations.run(
        {
          model: `${version.model}:${version.version}`,
          dataset: dataset ?? "",
          split: splitName.parse(split),
          ...(scorers.length === 0 ? {} : { scorers: builtInScorer.array().parse(scorers) }),
          ...(paths.length === 0 ? {} : { scorer_files: paths }),
        },
        { onProgress: (done, total) => setProgress({ done, total }), signal: stop.current.signal },
      );
    },
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Stack gap="sm">
      <Group align="flex-end">
        <Select
          label="Dataset"
          placeholder="Choose one"
          searchable
          data={(datasets ?? []).map((one) => ({ value: one.id, label: `${one.name}:${one.version}` }))}
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
        <MultiSelect
          label="Measure"
          placeholder={scorers.length === 0 ? "all that fits" : ""}
          data={builtInScorer.options}
          value={scorers}
          miw={220}
          onChange={setScorers}
        />
        <Button disabled={dataset === null} loading={run.isPending} onClick={() => run.mutate()}>
          Evaluate
        </Button>
      </Group>
      <Textarea
        label="Scorers of your own"
        description="Paths of TypeScript files on the hub's machine, one a line; each exports a name and a function score"
        autosize
        minRows={1}
        value={files}
        onChange={(event) => setFiles(event.target.value)}
      />
      {run.isPending && (
        <>
          <Progress value={(100 * progress.done) / Math.max(1, progress.total)} aria-label="Rows answered" />
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
      {run.error !== null && run.error.name !== "AbortError" && <ErrorNotice error={run.error} />}
    </Stack>
  );
}
