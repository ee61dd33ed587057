import { z } from "zod";
import { Connection } from "./connection.ts";
import { sendAll, time } from "./load.ts";
import { peaks } from "./peaks.ts";
import type { Peer } from "./peer.ts";
import { api, createExperiment, createRun, pointsPerBatch, seriesBody, valueAt } from "./requests.ts";
import { alternate, report, Samples, type Bench } from "./round.ts";

const historyPoints = 20_000;
const buckets = 320;
/** Two of each bucket: the lowest and the highest. */
const sampledPoints = buckets * 2;
const key = "loss";
/** Requests a round, beside the one whose answer is checked. */
const asked = { hearth: 12, mlflow: 1 };

const history = z.object({ metrics: z.array(z.object({ value: z.number(), step: z.number() })) });

/** Rows of one metric's history: all of it, and the sampled one of a metric with very many points. */
export async function measureHistories(bench: Bench): Promise<void> {
  await measureWhole(bench);
  await measureSampled(bench);
}

async function measureWhole(bench: Bench): Promise<void> {
  const samples = new Samples();
  const name = `metrics/get-history, ${historyPoints.toLocaleString("en")} points`;
  const runs = await fillAll(bench, name, () => historyPoints);
  await alternate(
    bench,
    name,
    async (peer) => {
      using connection = new Connection(peer.url);
      const path = `${api}/metrics/get-history?run_id=${runs.get(peer) ?? ""}&metric_key=${key}`;
      const first = await time(connection, peer, { method: "GET", path });
      const { metrics } = history.parse(JSON.parse(first.body.toString()));
      if (metrics.length !== historyPoints || !metrics.every(({ value, step }) => value === valueAt(step)))
        throw new Error(`the history has ${metrics.length} points, or others than were logged`);
      for (let count = 0; count < asked[peer.kind]; count += 1)
        samples.add(name, peer, (await time(connection, peer, { method: "GET", path })).ms);
    },
    [...runs.keys()],
  );
  report(bench, { name, unit: "ms", better: "lower", samples: samples.of(name), limit: 40 });
}

async function measureSampled(bench: Bench): Promise<void> {
  const samples = new Samples();
  const { points, smaller } = bench.sizes;
  const counts = (peer: Peer) =>
    peer.kind === "hearth" && peer.database === "sqlite" ? points : Math.min(points, smaller.points);
  const name = `get-history-bulk-interval, ${buckets} buckets of ${points.toLocaleString("en")} points`;
  const runs = await fillAll(bench, name, counts);
  const kept = new Map<string, string>();
  await alternate(
    bench,
    name,
    async (peer, round) => {
      using connection = new Connection(peer.url);
      const run = runs.get(peer) ?? "";
      const path = `/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=${run}&metric_key=${key}&max_results=${sampledPoints}`;
      const first = await time(connection, peer, { method: "GET", path });
      if (round === 0) {
        bench.notes.push(`${name}: the first request took ${peer.name} ${first.ms.toFixed(1)} ms`);
        const { metrics } = history.parse(JSON.parse(first.body.toString()));
        kept.set(peer.name, extremesKept(metrics, counts(peer)));
      }
      for (let count = 0; count < asked[peer.kind]; count += 1)
        samples.add(name, peer, (await time(connection, peer, { method: "GET", path })).ms);
    },
    [...runs.keys()],
  );
  report(bench, { name, unit: "ms", better: "lower", samples: samples.of(name), limit: 100 });
  for (const [who, words] of kept) bench.notes.push(`${name}: ${who} ${words}`);
  if (smaller.points < points)
    bench.notes.push(
      `${name}: MLflow and PostgreSQL were filled with ${smaller.points.toLocaleString("en")} points only, Hearth on SQLite with all`,
    );
}

/**
 * How many of the highest and lowest points came: of those that are the extreme of their bucket wherever the
 * buckets begin, even when they are a quarter wider than was asked for.
 */
function extremesKept(came: { value: number; step: number }[], count: number): string {
  for (const { value, step } of came)
    if (value !== valueAt(step)) throw new Error(`step ${step} came with ${value}, which was never logged`);
  const steps = new Set(came.map(({ step }) => step));
  const span = Math.ceil((count / buckets) * 1.25);
  const kept = (extremes: number[]) =>
    `${extremes.filter((step) => steps.has(step)).length} of ${extremes.length}`;
  const highest = kept(peaks(count, span, valueAt));
  const lowest = kept(peaks(count, span, (step) => -valueAt(step)));
  return `answers ${came.length} points, ${highest} peaks and ${lowest} valleys among them`;
}

/** A run with so many points of the metric in every peer, by peer; one that fails is named in the notes. */
async function fillAll(
  bench: Bench,
  what: string,
  counts: (peer: Peer) => number,
): Promise<Map<Peer, string>> {
  const runs = new Map<Peer, string>();
  // What one server of a shared file has, the other has, too.
  let ofMlflow: string | undefined;
  for (const peer of bench.peers) {
    try {
      let run = peer.kind === "mlflow" ? ofMlflow : undefined;
      if (run === undefined) {
        run = (await createRun(peer, await createExperiment(peer, "history"))).id;
        await fillPoints(peer, run, counts(peer));
        if (peer.kind === "mlflow") ofMlflow = run;
      }
      runs.set(peer, run);
    } catch (error) {
      bench.notes.push(`${what}: ${peer.name} could not be filled: ${String(error)}`);
    }
  }
  return runs;
}

async function fillPoints(peer: Peer, run: string, count: number): Promise<void> {
  process.stderr.write(`filling ${count} points into ${peer.name}\n`);
  if (peer.fillFile.points) return await peer.fillFile.points(run, key, count);
  await sendAll(peer, 4, Math.ceil(count / pointsPerBatch), (batch) => ({
    path: `${api}/runs/log-batch`,
    body: seriesBody(
      run,
      key,
      batch * pointsPerBatch,
      Math.min(pointsPerBatch, count - batch * pointsPerBatch),
    ),
  }));
}
