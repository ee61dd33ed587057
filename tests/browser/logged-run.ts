import { expect } from "vitest";
import { z } from "zod";
import type { TestHub } from "../test-hub.ts";

const created = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });

/** One request as MLflow's clients send it. */
export async function mlflow(hub: TestHub, path: string, body: unknown): Promise<unknown> {
  const answer = await hub.post(`/api/2.0/mlflow/${path}`, body);
  expect(answer.status).toBe(200);
  return await answer.json();
}

/** A new run of the default experiment; its id. */
export async function startRun(
  hub: TestHub,
  name: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await mlflow(hub, "runs/create", {
    experiment_id: "0",
    run_name: name,
    user_id: "ann",
    start_time: Date.now(),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  return created.parse(answer).run.info.run_id;
}

/** Stores a file among the artifacts of a run of the default experiment. */
export async function putArtifact(
  hub: TestHub,
  runId: string,
  path: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const names = path.split("/").map(encodeURIComponent).join("/");
  const address = `/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/${names}`;
  const answer = await hub.fetch(address, { method: "PUT", body: content });
  expect(answer.status).toBe(200);
}
