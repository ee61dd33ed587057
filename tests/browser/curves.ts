import { z } from "zod";
import type { TestHub } from "../test-hub.ts";

const created = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });

export interface Curves {
  experiment: string;
  name: string;
  params?: Record<string, string>;
  /** Of each metric its values, at the steps from 0 on, a second after each other. */
  metrics: Record<string, readonly number[]>;
  /** ms since the epoch */
  start?: number;
  /** Whether it goes on. */
  running?: boolean;
}

/** When runs started that say nothing else. */
export const usualStart = Date.UTC(2026, 0, 1);

/** Sends one request of MLflow's API. */
export async function postMlflow(hub: TestHub, path: string, body: unknown): Promise<Response> {
  const answer = await hub.fetch(`/api/2.0/mlflow/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** Logs a run over MLflow's API; gives back its id. */
export async function logCurves(hub: TestHub, run: Curves): Promise<string> {
  const start = run.start ?? usualStart;
  const answer = await postMlflow(hub, "runs/create", {
    experiment_id: run.experiment,
    run_name: run.name,
    start_time: start,
  });
  const { run_id } = created.parse(await answer.json()).run.info;
  await postMlflow(hub, "runs/log-batch", {
    run_id,
    params: Object.entries(run.params ?? {}).map(([key, value]) => ({ key, value })),
  });
  for (const [key, values] of Object.entries(run.metrics)) {
    const points = values.map((value, step) => ({ key, value, step, timestamp: start + step * 1000 }));
    for (let from = 0; from < points.length; from += 1000)
      await postMlflow(hub, "runs/log-batch", { run_id, metrics: points.slice(from, from + 1000) });
  }
  if (run.running !== true)
    await postMlflow(hub, "runs/update", { run_id, status: "FINISHED", end_time: start + 60_000 });
  return run_id;
}
