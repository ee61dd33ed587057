import { Anchor, Group, Pagination, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { TraceSummary } from "@hearth/wire/hub/traces";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount, formatSeconds } from "../../components/format.ts";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";
import { runRoute, useRunView } from "./run-tab.ts";

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
        {pages > 1 && (
          <Pagination
            total={pages}
            value={page}
            onChange={(next) => change({ page: next === 1 ? undefined : next })}
            getControlProps={(control) => ({ "aria-label": `${control} page` })}
          />
        )}
      </Group>
    </>
  );
}

function Row({ trace }: { trace: TraceSummary }) {
  return (
    <Table.Tr>
      <Table.Td maw={320}>
        <Anchor
          truncate="end"
          display="block"
          renderRoot={(props) => <Link to="/traces" search={{ trace: trace.id }} {...props} />}
        >
          {trace.name ?? trace.id}
        </Anchor>
        {trace.request_preview !== null && (
          <Text size="xs" c="dimmed" truncate="end">
            {trace.request_preview.slice(0, 200)}
          </Text>
        )}
      </Table.Td>
      <Table.Td maw={180} style={{ overflowWrap: "anywhere" }}>
        {trace.model}
        {trace.version !== null && `:${trace.version}`}
      </Table.Td>
      <Table.Td>
        <StatusBadge status={trace.state} />
      </Table.Td>
      <Table.Td>
        {count(trace.input_tokens)} / {count(trace.output_tokens)}
      </Table.Td>
      <Table.Td>{trace.duration_ms === null ? "–" : formatSeconds(trace.duration_ms / 1000)}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        <Age at={trace.started_at} />
      </Table.Td>
    </Table.Tr>
  );
}

function count(value: number | null): string {
  return value === null ? "–" : formatCount(value);
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
