import { Anchor } from "@mantine/core";
import type { Trace } from "@hearth/wire/hub/inference";
import { Link } from "@tanstack/react-router";
import { formatSeconds } from "../../components/format.ts";
import { RecentCard } from "./recent-card.tsx";

/** The newest answers: who gave them, how quickly, and how they ended. */
export function LastAnswers({ traces }: { traces: readonly Trace[] }) {
  const items = traces.map((trace) => ({
    id: trace.id,
    link: (
      <Anchor size="sm" renderRoot={(props) => <Link to="/traces" search={{ trace: trace.id }} {...props} />}>
        {trace.version === null ? trace.model : `${trace.model}:${trace.version}`}
      </Anchor>
    ),
    status: trace.status,
    detail: formatSeconds(trace.latency_ms / 1000),
    at: trace.created_at,
  }));
  return <RecentCard title="Last answers" none="Nothing was asked yet." items={items} />;
}
