import { Anchor, CopyButton, Group, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";

const part = encodeURIComponent;
/** A trace is written beside its answer: it may be there a moment later. */
const soon = { retry: 4, retryDelay: 300, staleTime: Infinity };

/** Where an answer comes from: answer → version → run → dataset → commit. */
export function LineageLine({ traceId }: { traceId: string }) {
  const { data: trace } = useQuery({
    queryKey: ["traces", traceId],
    queryFn: ({ signal }) => hub.traces.get(traceId, { signal }),
    ...soon,
  });
  const version = trace?.version ?? null;
  const { data: made } = useQuery({
    queryKey: ["models", trace?.model, "versions", version],
    queryFn: ({ signal }) => hub.models.version(trace?.model ?? "", version ?? 0, { signal }),
    enabled: version !== null,
    ...soon,
  });
  const runId = made?.lineage.run_id ?? null;
  const { data: run } = useQuery({
    queryKey: ["runs", runId],
    queryFn: ({ signal }) => hub.runs.get(runId ?? "", { signal }),
    enabled: runId !== null,
    ...soon,
  });
  const dataset = made?.lineage.dataset ?? null;
  const commit = made?.lineage.code.commit ?? null;
  return (
    <Group component="nav" gap={6} fz="xs" c="dimmed" aria-label="Where this answer comes from">
      <Step href={`#/traces?trace=${part(traceId)}`}>trace</Step>
      {trace !== undefined && version !== null && (
        <Step arrow href={`#/models/${part(trace.model)}/versions/${version}`}>
          {trace.model}:{version}
        </Step>
      )}
      {trace !== undefined && version === null && <Text inherit>→ {trace.model} (another server)</Text>}
      {run !== undefined && (
        <Step arrow href={`#/experiments/${part(run.experiment_id)}/runs/${part(run.id)}`}>
          {run.name}
        </Step>
      )}
      {dataset !== null && (
        <Step arrow href={`#/datasets/${part(dataset.name)}`}>
          {dataset.name}
        </Step>
      )}
      {commit !== null && (
        <CopyButton value={commit}>
          {({ copied, copy }) => (
            <UnstyledButton fz="xs" ff="monospace" onClick={copy} title="Copy the commit">
              → {copied ? "copied" : commit.slice(0, 8)}
            </UnstyledButton>
          )}
        </CopyButton>
      )}
    </Group>
  );
}

function Step({
  href,
  arrow = false,
  children,
}: {
  href: string;
  arrow?: boolean;
  children: React.ReactNode;
}) {
  return (
    <span>
      {arrow && "→ "}
      <Anchor href={href} inherit c="inherit" underline="always" style={{ overflowWrap: "anywhere" }}>
        {children}
      </Anchor>
    </span>
  );
}
