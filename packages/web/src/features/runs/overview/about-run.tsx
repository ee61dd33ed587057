import { Anchor } from "@mantine/core";
import type { RunDetails, RunLineage } from "@hearth/wire/hub/run-details";
import { CopyText } from "../../../components/copy-text.tsx";
import { StatusBadge } from "../../../components/status-badge.tsx";
import { Duration } from "../duration.tsx";
import { FactList } from "./fact-list.tsx";

export interface AboutRunProps {
  run: RunDetails;
  /** The job that it records. */
  job: RunLineage["job"];
}

/** Who started a run, when, for how long, and where its files are. */
export function AboutRun({ run, job }: AboutRunProps) {
  const user = run.tags["mlflow.user"] ?? run.user_id;
  return (
    <FactList
      title="About"
      facts={[
        ["Status", <StatusBadge key="status" status={run.status} />],
        ["Started", new Date(run.started_at).toLocaleString()],
        ["Ended", run.ended_at !== null && new Date(run.ended_at).toLocaleString()],
        ["Time", <Duration key="time" run={run} />],
        ["By", user !== "" && user],
        ["Kind", run.kind !== "tracked" && run.kind],
        [
          "Job",
          job !== null && (
            <>
              <Anchor inherit underline="always" href={`#/training/jobs/${encodeURIComponent(job.id)}`}>
                {job.kind === "reproduce" ? "reproduction" : "training"} {job.id.slice(0, 8)}
              </Anchor>{" "}
              <StatusBadge status={job.status} />
            </>
          ),
        ],
        ["Run", <CopyText key="id" text={run.id} label="the run's id" />],
        ["Artifacts", <CopyText key="uri" text={run.artifact_uri} label="the place of its artifacts" />],
      ]}
    />
  );
}
