import { Anchor, Group, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";
import { spansOfTime, type TracesSearch } from "./search.ts";
import { TraceDrawer } from "./trace-drawer.tsx";
import { TraceFilters } from "./trace-filters.tsx";
import { TraceTable } from "./trace-table.tsx";
import { Pages } from "../../components/pages.tsx";

const pageSize = 50;

/** Every answer of the hub, and what clients of MLflow and OpenTelemetry have traced. */
export function TracesPage() {
  const search = useSearch({ from: "/traces" });
  const navigate = useNavigate({ from: "/traces" });
  const { trace, span, text, model, experiment, state, within, sort, order, page = 1 } = search;
  const asked = { text, model, experiment_id: experiment, state, sort, order, page };
  const { data, error } = useQuery({
    queryKey: ["traces", "search", asked, within],
    queryFn: ({ signal }) =>
      hub.traces.search({
        ...asked,
        page_size: pageSize,
        since: within === undefined ? undefined : new Date(Date.now() - spansOfTime[within]).toISOString(),
        signal,
      }),
    placeholderData: keepPreviousData,
    meta: { topics: ["traces"] },
  });
  const change = (some: Partial<TracesSearch>) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...some }), replace: true });
  const filtered = [text, model, experiment, state, within].some((value) => value !== undefined);
  const pages = data === undefined ? 0 : Math.ceil(data.total / pageSize);

  return (
    <>
      <PageHeader title="Traces" description="Every answer, with what it came from" />
      <TraceFilters search={search} onChange={change} />
      {experiment !== undefined && (
        <Text size="sm" mb="xs">
          Only traces of experiment{" "}
          <Anchor inherit underline="always" href={`#/experiments/${encodeURIComponent(experiment)}`}>
            {experiment}
          </Anchor>
        </Text>
      )}
      {error !== null && <ErrorNotice error={error} />}
      {data?.items.length === 0 && (filtered ? <NothingFound /> : <NoTraces />)}
      {data !== undefined && data.items.length > 0 && (
        <>
          <TraceTable
            traces={data.items}
            search={search}
            onSort={(by, direction) => change({ sort: by, order: direction })}
          />
          <Group justify="space-between" mt="sm">
            <Text size="sm" c="dimmed" role="status">
              {formatCount(data.total)} {data.total === 1 ? "trace" : "traces"}
            </Text>
            <Pages total={pages} value={page} onChange={(next) => change({ page: next })} />
          </Group>
        </>
      )}
      <TraceDrawer
        id={trace}
        spanId={span}
        onSpan={(id) => void navigate({ search: (before) => ({ ...before, span: id }), replace: true })}
        onClose={() =>
          void navigate({ search: (before) => ({ ...before, trace: undefined, span: undefined }) })
        }
      />
    </>
  );
}

function NoTraces() {
  return (
    <EmptyState
      title="No answer yet"
      action={
        <Anchor href="#/chat" underline="always">
          Ask a model
        </Anchor>
      }
    >
      Each answer of a model is recorded here, and so is what MLflow's and OpenTelemetry's clients send.
    </EmptyState>
  );
}

function NothingFound() {
  return <EmptyState title="Nothing matches">Fewer filters, or another word, may find it.</EmptyState>;
}
