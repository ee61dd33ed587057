import { Anchor } from "@mantine/core";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { runQuery } from "../../hub/queries.ts";
import { runAddress, versionAddress } from "../../routing/addresses.ts";

/** The job's own page, by what it makes. */
export function JobLink({ job }: { job: TrainingJob }) {
  return (
    <Anchor
      style={{ overflowWrap: "anywhere" }}
      renderRoot={(props) => <Link to="/training/jobs/$jobId" params={{ jobId: job.id }} {...props} />}
    >
      {job.kind === "reproduce" ? "Reproduce " : ""}
      {job.model}:{job.version}
    </Anchor>
  );
}

/** The version that the job made. */
export function VersionLink({ job }: { job: TrainingJob }) {
  return <Anchor href={versionAddress(job.model, job.version)}>Version {job.version}</Anchor>;
}

/** The run that its metrics are in; a job does not name its experiment, the run does. */
export function RunLink({ job }: { job: TrainingJob }) {
  const { data } = useQuery(runQuery(job.run_id));
  if (data === undefined) return null;
  return <Anchor href={runAddress(data.experiment_id, job.run_id)}>Run</Anchor>;
}
