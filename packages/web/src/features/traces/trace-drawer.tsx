import { Alert, Code, Drawer, Group, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { TraceDetails } from "@hearth/wire/hub/traces";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount, formatSeconds } from "../../components/format.ts";
import { StatusBadge } from "../../components/status-badge.tsx";
import { hub } from "../../hub/hub.ts";
import { Assessments } from "./assessments.tsx";
import { Lineage } from "./lineage.tsx";
import { formatCost } from "./span-facts.ts";
import { Pairs, SpanDetails } from "./span-details.tsx";
import { Waterfall } from "./waterfall.tsx";

export interface TraceDrawerProps {
  /** Undefined: closed. */
  id: string | undefined;
  spanId: string | undefined;
  onSpan: (spanId: string) => void;
  onClose: () => void;
}

/** One trace beside the list; its address can be sent to others. */
export function TraceDrawer({ id, spanId, onSpan, onClose }: TraceDrawerProps) {
  const { data, error } = useQuery({
    queryKey: ["traces", "spans", id],
    queryFn: ({ signal }) => hub.traces.spans(id ?? "", { signal }),
    enabled: id !== undefined,
    // What has ended does not change; only what runs, or is not there yet, is asked for again.
    meta: { topics: ["traces"] },
  });
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="min(760px, 100%)"
      title={data?.trace.name ?? "Trace"}
      closeButtonProps={{ "aria-label": "Close the trace" }}
      transitionProps={{ duration: 0 }}
      // Its lock writes a style element without the nonce, which the page's policy refuses.
      lockScroll={false}
    >
      {error !== null && <ErrorNotice error={error} />}
      {data === undefined && error === null && <Loader aria-label="The trace is being read" />}
      {data !== undefined && <Details details={data} spanId={spanId} onSpan={onSpan} />}
    </Drawer>
  );
}

function Details({
  details,
  spanId,
  onSpan,
}: Pick<TraceDrawerProps, "spanId" | "onSpan"> & { details: TraceDetails }) {
  const { trace, spans } = details;
  const selected = spans.find((span) => span.span_id === spanId) ?? spans[0];
  const kept = spans.some((span) => "mlflow.spanInputs" in span.attributes);
  return (
    <Stack gap="md">
      <Group gap="xs">
        <StatusBadge status={trace.state} />
        <Text size="sm" c="dimmed">
          {new Date(trace.started_at).toLocaleString()}
        </Text>
        <Code style={{ overflowWrap: "anywhere" }}>{trace.id}</Code>
      </Group>
      <Text className="figures">{totals(details).join(" · ")}</Text>
      <Lineage details={details} />
      {details.answered_here && !kept && (
        <Alert color="gray" title="What was said is not kept">
          This hub records figures only. With HEARTH_KEEP_CONTENT=1 it also keeps questions and answers.
        </Alert>
      )}
      {spans.length === 0 ? (
        <Text c="dimmed">No span of this trace has arrived.</Text>
      ) : (
        <Waterfall spans={spans} selected={selected?.span_id} onSelect={onSpan} />
      )}
      {details.total_spans > spans.length && (
        <Text size="sm">
          The first {formatCount(spans.length)} of {formatCount(details.total_spans)} spans are shown.
        </Text>
      )}
      {selected !== undefined && <SpanDetails key={selected.span_id} span={selected} />}
      <Assessments assessments={details.assessments} />
      <Pairs
        caption="Tags and metadata"
        pairs={[...Object.entries(details.tags), ...Object.entries(details.metadata)]}
      />
    </Stack>
  );
}

function totals({ trace }: TraceDetails): string[] {
  return [
    trace.model === null ? null : trace.version === null ? trace.model : `${trace.model}:${trace.version}`,
    trace.duration_ms === null ? "running" : formatSeconds(trace.duration_ms / 1000),
    trace.ttft_ms === null ? null : `first token after ${formatSeconds(trace.ttft_ms / 1000)}`,
    trace.input_tokens === null ? null : `${formatCount(trace.input_tokens)} tokens in`,
    trace.cached_tokens === null ? null : `${formatCount(trace.cached_tokens)} of them cached`,
    trace.output_tokens === null ? null : `${formatCount(trace.output_tokens)} out`,
    trace.total_cost === null ? null : `${formatCost(trace.total_cost)} in all`,
    trace.error_code,
  ].filter((fact) => fact !== null);
}
