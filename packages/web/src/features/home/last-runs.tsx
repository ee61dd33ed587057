import { Anchor } from "@mantine/core";
import type { Run } from "@hearth/wire/hub/tracking";
import { runAddress } from "../../routing/addresses.ts";
import { RecentCard } from "./recent-card.tsx";

/** The newest runs, whoever made them. */
export function LastRuns({ runs }: { runs: readonly Run[] }) {
  const items = runs.map((run) => ({
    id: run.id,
    link: (
      <Anchor size="sm" href={runAddress(run.experiment_id, run.id)}>
        {run.name}
      </Anchor>
    ),
    status: run.status,
    detail: run.kind,
    at: run.started_at,
  }));
  return <RecentCard title="Last runs" none="Nothing was trained, evaluated or tracked yet." items={items} />;
}
