import { gzipSync } from "node:zlib";
import { chromium, type Browser } from "playwright-core";
import { TestHub } from "../../tests/test-hub.ts";
import { median, type BenchOptions, type BenchRow } from "../report.ts";

const mostMs = 1000;
const mostKb = 350;
/** A hub has been asked before somebody measures it: the first answer of all compresses the scripts. */
const warmUps = 1;

/** The first page: until something is seen, and the JavaScript that it takes. */
export async function benchFirstPaint({ runs }: BenchOptions): Promise<BenchRow[]> {
  await using hub = await TestHub.start();
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  try {
    const paints: number[] = [];
    const sizes: number[] = [];
    for (let run = -warmUps; run < runs; run += 1) {
      const { paintMs, scriptKb } = await measure(browser, `${hub.url}/`);
      if (run < 0) continue;
      paints.push(paintMs);
      sizes.push(scriptKb);
    }
    return [
      row("/ in a fresh profile: first contentful paint", "ms", paints, mostMs),
      row("/: JavaScript that is loaded, gzip", "kB", sizes, mostKb),
    ];
  } finally {
    await browser.close();
  }
}

function row(name: string, unit: string, samples: number[], most: number): BenchRow {
  const value = median(samples);
  return {
    name,
    unit,
    values: { Hearth: value },
    samples: { Hearth: samples },
    target: `≤ ${most}`,
    held: value <= most,
  };
}

/** In a fresh profile: nothing is in a cache. */
async function measure(browser: Browser, url: string): Promise<{ paintMs: number; scriptKb: number }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const scripts: Promise<Buffer>[] = [];
    page.on("response", (response) => {
      if (response.request().resourceType() === "script") scripts.push(response.body());
    });
    await page.goto(url);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    // As text: these programs are checked as Node's, which knows no document.
    const paintMs = await page.evaluate<number>(`new Promise((resolve) => {
      new PerformanceObserver((list) => {
        const first = list.getEntriesByName("first-contentful-paint")[0];
        if (first !== undefined) resolve(first.startTime);
      }).observe({ type: "paint", buffered: true });
    })`);
    const bodies = await Promise.all(scripts);
    const bytes = bodies.reduce((sum, body) => sum + gzipSync(body).byteLength, 0);
    return { paintMs, scriptKb: bytes / 1000 };
  } finally {
    await context.close();
  }
}
