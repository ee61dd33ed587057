import { startHearth } from "./hearth.ts";
import { sendAll } from "./load.ts";
import { api, createExperiment, createRun, metricBody, mixedBatchBody, pointsPerBatch } from "./requests.ts";
import { report, type Bench } from "./round.ts";

/** One metric in ten is written by itself, the others in batches. */
const singleShare = 0.1;

/** The row of a fresh hub's memory after very many metric writes, beside what the other servers have now. */
export async function measureMemory(bench: Bench): Promise<void> {
  const { written } = bench.sizes;
  const samples: Record<string, number[]> = {};
  {
    await using hub = await startHearth({
      name: "Hearth",
      folder: `${bench.folder}/memory`,
      profile: bench.profile,
    });
    const { id } = await createRun(hub, await createExperiment(hub, "memory"));
    const singles = Math.round(written * singleShare);
    await sendAll(hub, 8, singles, (step) => ({
      path: `${api}/runs/log-metric`,
      body: metricBody(id, "single", step),
    }));
    await sendAll(hub, 4, Math.ceil((written - singles) / pointsPerBatch), (batch) => ({
      path: `${api}/runs/log-batch`,
      body: mixedBatchBody(id, "s", (batch * pointsPerBatch) / 10),
    }));
    samples[hub.name] = [hub.memory() / 1e6];
  }
  const name = `memory after ${written.toLocaleString("en")} metric writes`;
  for (const peer of bench.peers) if (peer.kind === "mlflow") samples[peer.name] = [peer.memory() / 1e6];
  report(bench, { name, unit: "MB", better: "lower", samples, limit: 200, compared: false });
  bench.notes.push(
    `${name}: ${singleShare * 100} % of them singly, on a hub started for it; MLflow's is what its processes have after the rows above`,
  );
}
