import type { JobProgress, TrainingJob } from "@hearth/wire/hub/training";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { hub } from "../../hub/hub.ts";

/** A loss that was seen as it came, before the run's history is asked for again. */
export interface LivePoint {
  step: number;
  loss: number | null;
  validation_loss: number | null;
}

export interface LiveJob {
  progress: JobProgress | null;
  points: readonly LivePoint[];
  lines: readonly string[];
}

/** The query of a job's samples. */
export const samplesKey = (jobId: string) => ["training", jobId, "samples"];

const nothing: LiveJob = { progress: null, points: [], lines: [] };
const keptLines = 100_000;

/** What a job says while it is looked at; its stored state is asked for again whenever that changes. */
export function useJobEvents(job: TrainingJob | undefined): LiveJob {
  const queries = useQueryClient();
  const [live, setLive] = useState<LiveJob & { of?: string }>(nothing);
  const id = job?.id;
  const over = job === undefined || job.finished_at !== null;
  useEffect(() => {
    if (id === undefined || over) return undefined;
    const stop = new AbortController();
    const follow = async () => {
      let first = true;
      for await (const event of hub.jobs.events(id, { signal: stop.signal })) {
        if (first) setLive({ ...nothing, of: id });
        first = false;
        if (event.type === "status" || event.type === "guard")
          void queries.invalidateQueries({ queryKey: ["training"] });
        else if (event.type === "log")
          setLive((before) => ({ ...before, lines: [...before.lines.slice(-keptLines), event.line] }));
        else if (event.type === "sample") void queries.invalidateQueries({ queryKey: samplesKey(id) });
        else setLive((before) => withProgress(before, event.progress));
      }
    };
    // The stored state is asked for every few seconds all the same.
    follow().catch(() => undefined);
    return () => stop.abort();
  }, [id, over, queries]);
  // Of another job, until the first word of this one.
  return live.of === id ? live : nothing;
}

function withProgress<T extends LiveJob>(before: T, progress: JobProgress): T {
  const { step, loss, validation_loss } = progress;
  if (before.points.at(-1)?.step === step) return { ...before, progress };
  return { ...before, progress, points: [...before.points, { step, loss, validation_loss }] };
}
