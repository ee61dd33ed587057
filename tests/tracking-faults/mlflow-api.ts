import { z } from "zod";

/** An answer that came in time; `body` is parsed when it is JSON. */
export interface Answer {
  status: number;
  body: unknown;
}

/** How long any answer may take before it counts as a hang, ms. */
const patience = 20_000;

const experiment = z.object({ experiment_id: z.string() });
const created = z.object({
  run: z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string() }) }),
});
const keyed = z.object({ key: z.string(), value: z.union([z.string(), z.number()]) });
const readRun = z.object({
  run: z.object({
    data: z.object({
      metrics: z.array(keyed.extend({ step: z.number() })).default([]),
      params: z.array(keyed).default([]),
      tags: z.array(keyed).default([]),
    }),
  }),
});
const history = z.object({
  metrics: z.array(z.object({ value: z.number(), step: z.number() })).default([]),
});

export type RunContent = z.infer<typeof readRun>["run"]["data"];
export type Point = z.infer<typeof history>["metrics"][number];

/** MLflow's REST API of a hub, as little of it as the fault tests need. */
export class MlflowApi {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async ask(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: AbortSignal.timeout(patience),
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    const json = response.headers.get("content-type")?.startsWith("application/json") === true;
    return { status: response.status, body: json ? JSON.parse(text) : text };
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.ask("POST", `/api/2.0/mlflow/${path}`, JSON.stringify(body));
  }

  get(path: string, query: Record<string, string>): Promise<Answer> {
    return this.ask("GET", `/api/2.0/mlflow/${path}?${new URLSearchParams(query).toString()}`);
  }

  async createExperiment(name: string): Promise<string> {
    return experiment.parse(accepted(await this.post("experiments/create", { name }))).experiment_id;
  }

  /** A new run: its id and where its artifacts are on this server. */
  async createRun(experimentId: string): Promise<{ id: string; artifacts: string }> {
    const { run } = created.parse(accepted(await this.post("runs/create", { experiment_id: experimentId })));
    const root = run.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, "");
    return { id: run.info.run_id, artifacts: `/api/2.0/mlflow-artifacts/artifacts/${root}` };
  }

  async run(id: string): Promise<RunContent> {
    return readRun.parse(accepted(await this.get("runs/get", { run_id: id }))).run.data;
  }

  async history(id: string, key: string): Promise<Point[]> {
    return history.parse(accepted(await this.get("metrics/get-history", { run_id: id, metric_key: key })))
      .metrics;
  }

  async artifact(path: string): Promise<{ status: number; bytes: Buffer }> {
    const response = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(patience) });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  }
}

/** The body of an answer that has to be 200. */
export function accepted({ status, body }: Answer): unknown {
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
}
