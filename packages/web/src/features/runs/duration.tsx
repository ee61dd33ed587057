import type { RunDetails } from "@hearth/wire/hub/run-details";
import { useEffect, useState } from "react";
import { formatSeconds } from "../../components/format.ts";

/** How long a run took, or has taken until now. */
export function Duration({ run }: { run: Pick<RunDetails, "started_at" | "ended_at" | "status"> }) {
  const [now, setNow] = useState(Date.now);
  const runs = run.ended_at === null && run.status === "RUNNING";
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [runs]);
  const start = Date.parse(run.started_at);
  if (run.ended_at !== null) return <>took {formatSeconds((Date.parse(run.ended_at) - start) / 1000)}</>;
  return runs ? <>running for {formatSeconds(Math.max(0, now - start) / 1000)}</> : null;
}
