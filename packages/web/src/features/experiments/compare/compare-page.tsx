import { Anchor, Checkbox, Group, Skeleton, Stack, Title } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { EmptyState } from "../../../components/empty-state.tsx";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { PageHeader } from "../../../components/page-header.tsx";
import { Section } from "../../../components/section.tsx";
import { runQuery } from "../../../hub/queries.ts";
import { useLineColors } from "../charts/use-line-colors.ts";
import { LinesAndCharts } from "../charts/lines-and-charts.tsx";
import { metricsOf } from "../charts/metric-names.ts";
import { linesOfRuns } from "../charts/run-lines.ts";
import { CompareTable } from "./compare-table.tsx";
import { viewChange } from "../charts/view-change.ts";

const CompareCharts = lazy(async () => ({ default: (await import("./compare-charts.tsx")).CompareCharts }));

/** More columns than these nobody reads. */
const mostRuns = 50;

/** Some runs beside each other. */
export function ComparePage() {
  const search = useSearch({ from: "/compare-runs" });
  const navigate = useNavigate({ from: "/compare-runs" });
  const { runs: asked } = search;
  const ids = [...new Set(asked)].slice(0, mostRuns);
  const [hideEqual, setHideEqual] = useState(false);
  const answers = useQueries({
    queries: ids.map(runQuery),
    // Keeps the list the same while nothing changes: charts are not drawn again then.
    combine: (results) => ({
      runs: results.flatMap(({ data }) => data ?? []),
      errors: results.flatMap(({ error }) => error ?? []),
      pending: results.some(({ isPending }) => isPending),
    }),
  });
  const { runs, errors, pending } = answers;
  const colorOf = useLineColors();
  const lines = useMemo(() => linesOfRuns(runs, colorOf), [runs, colorOf]);
  const metrics = useMemo(
    () => metricsOf([...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].toSorted()),
    [runs],
  );
  return (
    <>
      <PageHeader
        title={`Compare ${ids.length} runs`}
        description={asked.length > mostRuns ? `The first ${mostRuns} of ${asked.length} runs.` : undefined}
      />
      {errors[0] !== undefined && <ErrorNotice error={errors[0]} />}
      {ids.length === 0 && (
        <EmptyState
          title="No runs are named in this address"
          action={<Anchor renderRoot={(props) => <Link to="/experiments" {...props} />}>Choose some</Anchor>}
        />
      )}
      {pending && <Skeleton height={200} />}
      {!pending && runs.length > 0 && (
        <Stack>
          <Section title="Metrics over steps">
            <LinesAndCharts
              lines={lines}
              metrics={metrics}
              search={search}
              onSearch={(change) => void navigate(viewChange(change))}
            />
          </Section>
          <Suspense fallback={<Skeleton height={300} />}>
            <CompareCharts runs={runs} colorOf={colorOf} />
          </Suspense>
          <Group>
            <Checkbox
              label="Hide what is equal"
              checked={hideEqual}
              onChange={(event) => setHideEqual(event.currentTarget.checked)}
            />
          </Group>
          {(["params", "metrics", "tags"] as const).map((kind) => {
            const title = { params: "Parameters", metrics: "Metrics", tags: "Tags" }[kind];
            return (
              <section key={kind} aria-label={title}>
                <Title order={2} size="h4">
                  {title}
                </Title>
                <CompareTable runs={runs} kind={kind} title={title} hideEqual={hideEqual} />
              </section>
            );
          })}
        </Stack>
      )}
    </>
  );
}
