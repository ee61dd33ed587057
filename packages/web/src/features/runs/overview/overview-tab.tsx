import { Grid, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { useState } from "react";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { hub } from "../../../hub/hub.ts";
import { useRun, useRunView } from "../run-tab.ts";
import { AboutRun } from "./about-run.tsx";
import { CodeState } from "./code-state.tsx";
import { Description } from "./description.tsx";
import { Environment } from "./environment.tsx";
import { RelatedRuns } from "./related-runs.tsx";
import { RunData } from "./run-data.tsx";
import { RunMetricsTable } from "./run-metrics-table.tsx";
import { RunModels } from "./run-models.tsx";
import { RunParams } from "./run-params.tsx";
import { RunTags } from "./run-tags.tsx";

/** Fewer rows are found by looking. */
const manyRows = 20;

/** What a run was told, what it came to, and what it was made from. */
export function OverviewTab() {
  const run = useRun();
  if (run === undefined) return null;
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Told run={run} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Origins run={run} />
      </Grid.Col>
    </Grid>
  );
}

function Told({ run }: { run: RunDetails }) {
  const { view, change } = useRunView();
  const rows = [run.params, run.metrics, run.tags].reduce((sum, one) => sum + Object.keys(one).length, 0);
  // The address follows: an input that waited for it would lose what is typed meanwhile.
  const [find, setFind] = useState(view.find ?? "");
  return (
    <Stack gap="lg">
      <Description run={run} />
      {(rows > manyRows || find !== "") && (
        <TextInput
          aria-label="Find among parameters, metrics and tags"
          placeholder="Find among parameters, metrics and tags"
          type="search"
          value={find}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setFind(value);
            change({ find: value === "" ? undefined : value });
          }}
        />
      )}
      <RunParams run={run} find={find} />
      <RunMetricsTable run={run} find={find} />
      <RunTags run={run} find={find} />
    </Stack>
  );
}

function Origins({ run }: { run: RunDetails }) {
  const { data, error } = useQuery({
    queryKey: ["runs", run.id, "lineage"],
    queryFn: ({ signal }) => hub.runs.lineage(run.id, { signal }),
    meta: { topics: ["runs", "models", "jobs", "datasets"] },
  });
  return (
    <Stack gap="lg">
      <AboutRun run={run} job={data?.job ?? null} />
      {error !== null && <ErrorNotice error={error} />}
      {data !== undefined && (
        <>
          <RunData datasets={data.datasets} />
          <RunModels lineage={data} />
          <RelatedRuns lineage={data} />
        </>
      )}
      <CodeState run={run} code={data?.code ?? null} />
      <Environment run={run} environment={data?.environment ?? {}} />
    </Stack>
  );
}
