import { Anchor, Breadcrumbs, Code, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { TraceDetails } from "@hearth/wire/hub/traces";
import type { ReactNode } from "react";
import { hub } from "../../hub/hub.ts";

const commitTag = "mlflow.source.git.commit";

/** What an answer came from: version, run, dataset, commit; each a link where it is still there. */
export function Lineage({ details }: { details: TraceDetails }) {
  const { model, version } = details.trace;
  const ofVersion = useQuery({
    queryKey: ["models", model, version],
    queryFn: ({ signal }) => hub.models.version(model ?? "", version ?? 0, { signal }),
    enabled: model !== null && version !== null,
    meta: { topics: ["models"] },
  });
  const runId = details.run_id ?? ofVersion.data?.lineage.run_id ?? null;
  const run = useQuery({
    queryKey: ["runs", runId],
    queryFn: ({ signal }) => hub.runs.get(runId ?? "", { signal }),
    enabled: runId !== null,
    meta: { topics: ["runs"] },
  });
  const dataset = ofVersion.data?.lineage.dataset ?? null;
  const commit =
    ofVersion.data?.lineage.code.commit ?? run.data?.tags[commitTag] ?? details.metadata[commitTag] ?? null;

  const steps: ReactNode[] = [<Text key="answer">{details.answered_here ? "answer" : "trace"}</Text>];
  if (model !== null && version !== null) {
    const name = `${model}:${version}`;
    steps.push(
      ofVersion.isError ? (
        <Text key="version">{name} (gone)</Text>
      ) : (
        <Step key="version" to={`models/${encodeURIComponent(model)}/versions/${version}`}>
          {name}
        </Step>
      ),
    );
  }
  if (runId !== null) {
    steps.push(
      run.data === undefined ? (
        <Text key="run">run {runId.slice(0, 8)}</Text>
      ) : (
        <Step key="run" to={`experiments/${encodeURIComponent(run.data.experiment_id)}/runs/${runId}`}>
          {`run ${run.data.name}`}
        </Step>
      ),
    );
  }
  if (dataset !== null) {
    steps.push(
      <Step key="dataset" to={`datasets/${encodeURIComponent(dataset.name)}`}>
        {`dataset ${dataset.name}`}
      </Step>,
    );
  }
  if (commit !== null) steps.push(<Code key="commit">commit {commit.slice(0, 12)}</Code>);
  return (
    <nav aria-label="Where it came from">
      <Breadcrumbs separator="→" style={{ flexWrap: "wrap" }}>
        {steps}
      </Breadcrumbs>
      {details.artifact_sha256 !== null && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          sha256 {details.artifact_sha256}
        </Text>
      )}
    </nav>
  );
}

function Step({ to, children }: { to: string; children: string }) {
  return (
    <Anchor href={`#/${to}`} underline="always">
      {children}
    </Anchor>
  );
}
