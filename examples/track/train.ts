/**
 * Fits a line to noisy points by gradient descent and records everything about it: run it twice with
 * different rates and compare. `npx hearth serve` in one terminal, this in another.
 */
import {
  configureTracking,
  loadModel,
  logMetric,
  searchRuns,
  setAlias,
  startRun,
  track,
} from "@hearth/sdk/tracking";

interface Line {
  slope: number;
  offset: number;
}

const points = Array.from({ length: 50 }, (_, at) => {
  const x = at / 50;
  // Noise that is the same each time: a run that is repeated must give the same line.
  return { x, y: 3 * x - 1 + 0.1 * Math.sin(at * 12.9898) };
});

const lossOf = ({ slope, offset }: Line) =>
  points.reduce((sum, { x, y }) => sum + (slope * x + offset - y) ** 2, 0) / points.length;

const fit = track(function fit(options: { rate: number; steps: number }): Line {
  let line: Line = { slope: 0, offset: 0 };
  for (let step = 0; step < options.steps; step++) {
    const errors = points.map(({ x, y }) => ({ x, error: line.slope * x + line.offset - y }));
    const slope = errors.reduce((sum, { x, error }) => sum + 2 * error * x, 0) / points.length;
    const offset = errors.reduce((sum, { error }) => sum + 2 * error, 0) / points.length;
    line = { slope: line.slope - options.rate * slope, offset: line.offset - options.rate * offset };
    logMetric("loss", lossOf(line), { step });
  }
  return line;
});

const [, , rateText = "0.5", url = process.env["MLFLOW_TRACKING_URI"]] = process.argv;
const rate = Number(rateText);
configureTracking({ experiment: "lines", ...(url === undefined ? {} : { url }) });

await startRun(
  { name: `rate ${rate}`, params: { rate }, systemMetrics: { intervalMs: 1000 } },
  async (run) => {
    const line = fit({ rate, steps: 200 });
    run.logMetric("loss", lossOf(line));
    const model = await run.logModel({
      name: "line",
      files: { path: "line.json", content: JSON.stringify(line) },
      registerAs: "line",
    });
    console.log(`rate ${rate}: slope ${line.slope.toFixed(3)}, version ${model.version?.version ?? ""}`);
  },
);

const best = await searchRuns({ filter: "params.rate LIKE '%'", orderBy: ["metrics.loss ASC"] }).next();
await using latest = await loadModel("line", "latest");
await setAlias("line", "newest", latest.version);
const content = await latest.files.find(({ path }) => path === "line.json")?.open();
console.log(`best so far: ${best.value?.name ?? "none"}; newest line: ${(await content?.text()) ?? ""}`);
