import { load, percentile99, type Asked } from "./load.ts";
import type { Peer } from "./peer.ts";
import {
  api,
  createExperiment,
  createRun,
  metricBody,
  mixedBatchBody,
  pointsPerBatch,
  runBody,
} from "./requests.ts";
import { alternate, report, Samples, secondsFor, type Bench } from "./round.ts";

/** The slowest answer that one of a hundred may take, ms. */
const slowest = 20;

/** Rows of metrics and runs that are written, one after another and several at once. */
export async function measureWrites(bench: Bench): Promise<void> {
  const metrics = { path: `${api}/runs/log-metric`, unit: "writes/s" };
  await measureSingles(bench, "log-metric", { ...metrics, limits: [2000, 6000] }, async (peer) => {
    const { id } = await createRun(peer, await createExperiment(peer, "singles"));
    let step = 0;
    return () => ({ path: metrics.path, body: metricBody(id, "loss", step++) });
  });
  await measureSingles(bench, "runs/create", { unit: "runs/s", limits: [1500] }, async (peer) => {
    const experiment = await createExperiment(peer, "created");
    let index = 0;
    return () => ({ path: `${api}/runs/create`, body: runBody(experiment, index++) });
  });
  await measureBatches(bench);
}

async function measureSingles(
  bench: Bench,
  what: string,
  { unit, limits }: { unit: string; limits: readonly number[] },
  prepare: (peer: Peer) => Promise<() => Asked>,
): Promise<void> {
  const samples = new Samples();
  for (const [index, [connections, words]] of (
    [
      [1, "one after another"],
      [8, "8 at once"],
    ] as const
  ).entries()) {
    const name = `${what}, ${words}`;
    await alternate(bench, name, async (peer, round) => {
      const next = await prepare(peer);
      if (round === 0) await load(peer, connections, secondsFor(bench, peer) / 2, next);
      const { rate, latencies } = await load(peer, connections, secondsFor(bench, peer), next);
      samples.add(name, peer, rate);
      samples.add(`${name}, p99`, peer, percentile99(latencies));
    });
    const limit = limits[index];
    report(bench, {
      name,
      unit,
      better: "higher",
      samples: samples.of(name),
      ...(limit === undefined ? {} : { limit }),
    });
    report(bench, {
      name: `${name}, p99`,
      unit: "ms",
      better: "lower",
      samples: samples.of(`${name}, p99`),
      ...(what === "log-metric" ? { limit: slowest } : {}),
      compared: false,
    });
  }
}

async function measureBatches(bench: Bench): Promise<void> {
  const samples = new Samples();
  for (const connections of [1, 4]) {
    const name = `log-batch of ${pointsPerBatch}, ${connections} at once`;
    await alternate(bench, name, async (peer) => {
      const { id } = await createRun(peer, await createExperiment(peer, "batches"));
      const seconds = secondsFor(bench, peer);
      // Made beforehand: to write the text is work of the client, which shares the cores.
      const bodies = Array.from(
        { length: Math.ceil(peer.kind === "hearth" ? seconds * 300 : seconds * 30) },
        (_, batch) => mixedBatchBody(id, `s${connections}`, (batch * pointsPerBatch) / 10),
      );
      let sent = 0;
      const next = () => {
        const body = bodies[sent % bodies.length] ?? "";
        sent += 1;
        return { path: `${api}/runs/log-batch`, body };
      };
      const { rate, latencies } = await load(peer, connections, seconds, next);
      if (sent > bodies.length)
        bench.notes.push(
          `${name}: ${peer.name} was sent ${sent - bodies.length} batches a second time, which it drops`,
        );
      samples.add(name, peer, rate * pointsPerBatch);
      samples.add(`${name}, p99`, peer, percentile99(latencies));
    });
    report(bench, { name, unit: "metrics/s", better: "higher", samples: samples.of(name), limit: 100_000 });
    report(bench, {
      name: `${name}, p99`,
      unit: "ms",
      better: "lower",
      samples: samples.of(`${name}, p99`),
      compared: false,
    });
  }
}
