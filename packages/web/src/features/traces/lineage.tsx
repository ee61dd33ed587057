import { Text } from "@mantine/core";
import type { TraceDetails } from "@hearth/wire/hub/traces";
import { Origin } from "../../components/origin.tsx";

/** What a traced answer came from, with the checksum of what gave it. */
export function Lineage({ details }: { details: TraceDetails }) {
  const { answered_here: ours, artifact_sha256: sha256, metadata, run_id: runId, trace } = details;
  return (
    <div>
      <Origin
        label="Where it came from"
        first={<Text>{ours ? "answer" : "trace"}</Text>}
        model={trace.model}
        version={trace.version}
        runId={runId}
        commit={metadata["mlflow.source.git.commit"] ?? null}
      />
      {sha256 !== null && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          sha256 {sha256}
        </Text>
      )}
    </div>
  );
}
