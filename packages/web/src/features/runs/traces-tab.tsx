import { Anchor, Group, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { TraceSummary } from "@hearth/wire/hub/traces";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount } from "../../components/format.ts";
import { TitledTable } from "../../components/titled-table.tsx";
import { timeOrDash, tokensOf, TraceNameCells } from "../../components/trace-cells.tsx";
import { hub } from "../../hub/hub.ts";
import { runRoute, useRunView } from "./run-tab.ts";
import { Pages } from "../../components/pages.tsx";

const pageSize = 50;

/** Traces that were made in a run or linked to it, and answers of the versions that it made. */
export function TracesTab() {
  const { runId } = useParams({ from: runRoute });
  const { view, change } = useRunView();
  const page = view.page ?? 1;
  const { data, error } = useQuery({
    queryKey: ["traces", "of run", runId, page],
    queryFn: ({ signal }) => hub.traces.search({ run_id: runId, page, page_size: pageSize, signal }),
    placeholderData: keepPreviousData,
    meta: { topics: ["traces"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return null;
  if (data.total === 0) return <NoTraces />;
  const pages = Math.ceil(data.total / pageSize);
  return (
    <>
      <TitledTable
        label="Traces"
        titles={["Trace", "Model", "Status", "Tokens in / out", "Latency", "Started"]}
        minWidth={760}
        highlightOnHover
      >
        {data.items.map((trace) => (
          <Row key={trace.id} trace={trace} />
        ))}
      </TitledTable>
      <Group justify="space-between" mt="sm">
        <Text size="sm" c="dimmed" role="status">
          {formatCount(data.total)} {data.total === 1 ? "trace" : "traces"}
        </Text>
        <Pages
          total={pages}
          value={page}
          onChange={(next) => change({ page: next === 1 ? undefined : next })}
        />
      </Group>
    </>
  );
}

function Row({ trace }: { trace: TraceSummary }) {
  return (
    <Table.Tr>
      <TraceNameCells
        trace={trace}
        link={(props) => <Link to="/traces" search={{ trace: trace.id }} {...props} />}
      />
      <Table.Td>{tokensOf(trace)}</Table.Td>
      <Table.Td>{timeOrDash(trace.duration_ms)}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        <Age at={trace.started_at} />
      </Table.Td>
    </Table.Tr>
  );
}

function NoTraces() {
  return (
    <EmptyState
      title="No traces of this run"
      action={
        <Anchor href="#/traces" underline="always">
          All traces of the hub
        </Anchor>
      }
    >
      What MLflow's and OpenTelemetry's clients trace while the run is active appears here, and so does every
      answer of a version that the run made.
    </EmptyState>
  );
}
