import { z } from "zod";
import { call, type Peer } from "./peer.ts";

export const api = "/api/2.0/mlflow";
export const artifactsApi = "/api/2.0/mlflow-artifacts/artifacts";

/** Shape of the runs that searches look for. */
export const paramsPerRun = 50;
export const metricsPerRun = 20;
export const pointsPerBatch = 1000;

const createdExperiment = z.object({ experiment_id: z.string() });
const createdRun = z.object({
  run: z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string() }) }),
});

let names = 0;

/** A new experiment; its id. */
export async function createExperiment(peer: Peer, what: string): Promise<string> {
  names += 1;
  const name = `${what} ${process.pid} ${names} ${peer.name}`;
  return (await call(peer, createdExperiment, "POST", `${api}/experiments/create`, { name })).experiment_id;
}

/** A new run; its id and the path of its artifacts below the artifact API. */
export async function createRun(
  peer: Peer,
  experimentId: string,
): Promise<{ id: string; artifacts: string }> {
  const { run } = await call(
    peer,
    createdRun,
    "POST",
    `${api}/runs/create`,
    JSON.parse(runBody(experimentId, 0)),
  );
  const root = run.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, "");
  return { id: run.info.run_id, artifacts: `${artifactsApi}/${root}` };
}

/** The run id in an answer of runs/create, without parsing all of it. */
export function createdRunId(body: Buffer): string {
  const found = /"run_id": ?"([0-9a-f]{32})"/.exec(body.toString("latin1"));
  if (!found?.[1]) throw new Error(`runs/create answered without a run id: ${body.toString().slice(0, 200)}`);
  return found[1];
}

export function runBody(experimentId: string, index: number): string {
  return `{"experiment_id":"${experimentId}","start_time":${epoch + index},"tags":[{"key":"mlflow.source.name","value":"bench.py"}]}`;
}

/** Milliseconds; any fixed day makes the bodies repeatable. */
export const epoch = 1_760_000_000_000;

/** A number in [0, 1) that is spread evenly and without order over the steps (Knuth's multiplicative hash). */
export function valueAt(step: number): number {
  return (Math.imul(step + 1, 2_654_435_761) >>> 0) / 2 ** 32;
}

export function metricBody(runId: string, key: string, step: number): string {
  return `{"run_id":"${runId}","key":"${key}","value":${valueAt(step)},"timestamp":${epoch + step},"step":${step}}`;
}

/** Points `from` to `from + count` of one metric as one log-batch. */
export function seriesBody(runId: string, key: string, from: number, count = pointsPerBatch): string {
  const points: string[] = [];
  for (let step = from; step < from + count; step += 1)
    points.push(`{"key":"${key}","value":${valueAt(step)},"timestamp":${epoch + step},"step":${step}}`);
  return `{"run_id":"${runId}","metrics":[${points.join(",")}]}`;
}

/** A log-batch as a training loop sends it: ten metrics, a hundred steps. */
export function mixedBatchBody(runId: string, series: string, from: number): string {
  const points: string[] = [];
  for (let step = from; step < from + pointsPerBatch / 10; step += 1) {
    for (let key = 0; key < 10; key += 1) {
      points.push(
        `{"key":"${series}/${key}","value":${valueAt(step * 10 + key)},"timestamp":${epoch + step},"step":${step}}`,
      );
    }
  }
  return `{"run_id":"${runId}","metrics":[${points.join(",")}]}`;
}

/** The params and metrics of run `index` of a searched experiment as one log-batch. */
export function runContentBody(runId: string, index: number): string {
  const params: string[] = [];
  for (let key = 0; key < paramsPerRun; key += 1)
    params.push(`{"key":"p${key}","value":"${paramValue(index, key)}"}`);
  const metrics: string[] = [];
  for (let key = 0; key < metricsPerRun; key += 1) {
    const value = valueAt(index * metricsPerRun + key);
    metrics.push(`{"key":"m${key}","value":${value},"timestamp":${epoch + index},"step":0}`);
  }
  return `{"run_id":"${runId}","metrics":[${metrics.join(",")}],"params":[${params.join(",")}]}`;
}

export function paramValue(index: number, key: number): string {
  return `value-${(index * 7 + key) % 1000}`;
}
