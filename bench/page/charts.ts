import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { openDatabase } from "../../packages/hub/src/storage/database.ts";
import { createRuns } from "../../packages/hub/src/tracking/runs.ts";
import { TestHub } from "../../tests/test-hub.ts";
import { median, type BenchOptions, type BenchRow } from "../report.ts";

const runsInChart = 100;
const pointsPerRun = 10_000;
const pointsPerBatch = 1000;
const mostMs = 300;
const firstStart = Date.UTC(2026, 0, 1);
const metric = "loss";

/**
 * One chart of 100 runs with 10,000 points each: from the click on its metric, on a page that knows the runs and
 * has drawn nothing yet, until its lines are drawn.
 */
export async function benchCharts({ runs, quick }: BenchOptions): Promise<BenchRow[]> {
  await using hub = await TestHub.start();
  const { id } = await hub.client.experiments.create("long runs");
  const points = quick === true ? pointsPerRun / 10 : pointsPerRun;
  await fillLongRuns(hub.home, id, points);
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  try {
    const drawn: Drawn[] = [];
    for (let run = 0; run < runs; run += 1)
      drawn.push(await measure(browser, `${hub.url}/#/experiments/${id}/charts?metrics=[]`));
    const what = `${runsInChart} runs × ${points} points`;
    const samples = drawn.map(({ chartMs }) => chartMs);
    const part = (name: string, of: (one: Drawn) => number): BenchRow => ({
      name: `${what}: of these, ${name}`,
      unit: "ms",
      values: { Hearth: median(drawn.map(of)) },
      samples: { Hearth: drawn.map(of) },
    });
    return [
      {
        name: `${what}: from the click on a metric until its chart is drawn`,
        unit: "ms",
        values: { Hearth: median(samples) },
        samples: { Hearth: samples },
        target: `≤ ${mostMs}`,
        held: median(samples) <= mostMs,
      },
      part("until the hub has answered", ({ answerMs }) => answerMs),
      // What is left of them where other programs want the same cores.
      part("computing of the hub", ({ hubMs }) => hubMs),
      part("computing of the page", ({ pageMs }) => pageMs),
    ];
  } finally {
    await browser.close();
  }
}

/** Through the same room as the API but in large transactions: over HTTP a million points take a minute. */
async function fillLongRuns(home: string, experimentId: string, points: number): Promise<void> {
  await using database = await openDatabase({ kind: "sqlite", path: join(home, "hearth.db") });
  const tracked = createRuns({ database });
  for (let run = 0; run < runsInChart; run += 1) {
    const startedAt = firstStart + run * 1000;
    await database.transaction(async () => {
      const name = `run-${run}`;
      const { id } = await tracked.startRun({ experimentId, name, startedAt, params: [], tags: [] });
      for (let from = 0; from < points; from += pointsPerBatch) {
        const values = Array.from({ length: pointsPerBatch }, (_, at) => {
          const step = from + at;
          // A curve that falls, with noise that is the same each time.
          const noise = Math.sin(step * 12.9898 + run * 78.233) * 0.05;
          const value = 1 / (1 + step / 500) + noise;
          return { key: metric, step, timestamp: startedAt + step * 100, value };
        });
        await tracked.logBatch(id, { metrics: values, params: [], tags: [] });
      }
      await tracked.changeRun(id, { status: "FINISHED", endedAt: startedAt + points * 100 });
    });
  }
}

interface Drawn {
  chartMs: number;
  answerMs: number;
  /** CPU time of the process that the hub shares with this program. */
  hubMs: number;
  /** CPU time of the thread that scripts and layout run in. */
  pageMs: number;
}

/** In a fresh profile: nothing is in a cache. */
async function measure(browser: Browser, url: string): Promise<Drawn> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.getByText(`${runsInChart} runs`, { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Metrics" }).click();
    await page.getByRole("checkbox", { name: metric }).waitFor();
    // As text: these programs are checked as Node's, which knows no document.
    await page.evaluate(`void (globalThis.drawn = new Promise((resolve) => {
      let clicked = 0;
      addEventListener("click", () => (clicked ||= performance.now()), { capture: true });
      const seen = new MutationObserver(() => {
        if (clicked === 0 || document.querySelector("section[aria-label=${metric}] canvas") === null) return;
        seen.disconnect();
        // The frame after the one that it is drawn in has begun: it is on the screen.
        requestAnimationFrame(() => requestAnimationFrame((now) => {
          const asked = performance.getEntriesByType("resource").findLast(({ name }) => name.endsWith("/metrics/series"));
          resolve({ chartMs: now - clicked, answerMs: asked.responseEnd - clicked });
        }));
      });
      seen.observe(document.body, { subtree: true, childList: true });
    }))`);
    const inspector = await context.newCDPSession(page);
    await inspector.send("Performance.enable", { timeDomain: "threadTicks" });
    const pageTime = async (): Promise<number> => {
      const { metrics } = await inspector.send("Performance.getMetrics");
      return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
    };
    const [hubBefore, pageBefore] = [process.cpuUsage(), await pageTime()];
    await page.getByRole("checkbox", { name: metric }).click();
    const times = await page.evaluate<Pick<Drawn, "chartMs" | "answerMs">>("globalThis.drawn");
    const { user, system } = process.cpuUsage(hubBefore);
    return { ...times, hubMs: (user + system) / 1000, pageMs: (await pageTime()) - pageBefore };
  } finally {
    await context.close();
  }
}
