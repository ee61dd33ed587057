import { z } from "zod";
import { Connection } from "./connection.ts";
import { sendAll, time } from "./load.ts";
import type { Peer } from "./peer.ts";
import {
  api,
  createdRunId,
  createExperiment,
  metricsPerRun,
  paramsPerRun,
  runBody,
  runContentBody,
} from "./requests.ts";
import { alternate, report, Samples, type Bench } from "./round.ts";

const page = 100;
/** Requests a round, beside the one whose answer is checked. */
const asked = { hearth: 12, mlflow: 1 };
const bound = 0.5;

const entry = z.object({ key: z.string(), value: z.union([z.number(), z.string()]) });
const found = z.object({
  runs: z.array(z.object({ data: z.object({ metrics: z.array(entry), params: z.array(entry) }) })),
});

/** Rows of runs/search: the newest 100 runs, and 100 by a filter and an order over their metrics. */
export async function measureSearches(bench: Bench): Promise<void> {
  const { plain, filtered } = bench.sizes.searched;
  const content = `${page} runs with ${paramsPerRun} params and ${metricsPerRun} metrics`;
  await measure(bench, `runs/search, ${content}`, plain, 15, () => ({}), checkContent);
  await measure(
    bench,
    `runs/search, the same by metric filter and order`,
    filtered,
    60,
    () => ({ filter: `metrics.m3 > ${bound}`, order_by: ["metrics.m7 DESC"] }),
    (body) => {
      const runs = checkContent(body);
      const order = runs.map((metrics) => metrics.get("m7") ?? Number.NaN);
      if (!runs.every((metrics) => (metrics.get("m3") ?? 0) > bound))
        throw new Error("a run that the filter excludes");
      if (!order.every((value, index) => index === 0 || value <= (order[index - 1] ?? 0)))
        throw new Error("runs out of order");
      return runs;
    },
  );
}

async function measure(
  bench: Bench,
  what: string,
  count: number,
  limit: number,
  query: () => object,
  check: (body: Buffer) => unknown,
): Promise<void> {
  const samples = new Samples();
  const experiments = new Map<Peer, string>();
  const smaller = Math.min(count, bench.sizes.smaller.runs);
  const sized = (peer: Peer) => (peer.kind === "hearth" && peer.database === "sqlite" ? count : smaller);
  // What one server of a shared file has, the other has, too.
  let ofMlflow: string | undefined;
  for (const peer of bench.peers) {
    try {
      let experiment = peer.kind === "mlflow" ? ofMlflow : undefined;
      if (experiment === undefined) {
        experiment = await createExperiment(peer, "searched");
        await fillRuns(peer, experiment, sized(peer));
        if (peer.kind === "mlflow") ofMlflow = experiment;
      }
      experiments.set(peer, experiment);
    } catch (error) {
      bench.notes.push(`${what}: ${peer.name} could not be filled: ${String(error)}`);
    }
  }
  const name = `${what}, out of ${count.toLocaleString("en")}`;
  await alternate(
    bench,
    name,
    async (peer) => {
      using connection = new Connection(peer.url);
      const body = JSON.stringify({
        experiment_ids: [experiments.get(peer)],
        max_results: page,
        ...query(),
      });
      const request = { path: `${api}/runs/search`, body };
      check((await time(connection, peer, request)).body);
      for (let count = 0; count < asked[peer.kind]; count += 1)
        samples.add(name, peer, (await time(connection, peer, request)).ms);
    },
    [...experiments.keys()],
  );
  if (smaller < count)
    bench.notes.push(
      `${what}: MLflow and PostgreSQL were filled with ${smaller.toLocaleString("en")} runs only, Hearth on SQLite with all`,
    );
  report(bench, { name, unit: "ms", better: "lower", samples: samples.of(name), limit });
}

async function fillRuns(peer: Peer, experiment: string, count: number): Promise<void> {
  process.stderr.write(`filling ${count} runs into ${peer.name}\n`);
  if (peer.fillFile.runs) return await peer.fillFile.runs(experiment, count);
  const ids: string[] = [];
  await sendAll(
    peer,
    8,
    count,
    (index) => ({ path: `${api}/runs/create`, body: runBody(experiment, index) }),
    (body, index) => {
      ids[index] = createdRunId(body);
    },
  );
  await sendAll(peer, 8, count, (index) => ({
    path: `${api}/runs/log-batch`,
    body: runContentBody(ids[index] ?? "", index),
  }));
}

/** The metrics of every run of a full page; the params must be there, too. */
function checkContent(body: Buffer): Map<string, number>[] {
  const { runs } = found.parse(JSON.parse(body.toString()));
  if (runs.length !== page) throw new Error(`${runs.length} runs came instead of ${page}`);
  return runs.map(({ data }) => {
    if (data.params.length !== paramsPerRun || data.metrics.length !== metricsPerRun)
      throw new Error(`a run came with ${data.params.length} params and ${data.metrics.length} metrics`);
    return new Map(data.metrics.map(({ key, value }) => [key, Number(value)]));
  });
}
