import { chromium, type Browser, type Page } from "playwright-core";
import { longConversation } from "../../tests/browser/long-conversation.ts";
import { TestHub } from "../../tests/test-hub.ts";
import { median, type BenchOptions, type BenchRow } from "../report.ts";

const messages = 10_000;
/** px for each frame */
const scrollStep = 200;
const frames = 180;
/** ms; 20 keys a second are more than anybody types. Without a pause keys wait for the frame of those before them. */
const keyPauseMs = 50;
const typed = "typing stays quick, however much was said before";

/** A conversation of 10,000 messages: until its end is seen, a key until it is drawn, frames while scrolling. */
export async function benchConversation({ runs, quick }: BenchOptions): Promise<BenchRow[]> {
  await using hub = await TestHub.start();
  const count = quick === true ? 1_000 : messages;
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  try {
    const measured: Measured[] = [];
    const id = await longConversation(hub.client, count / 2);
    const address = `${hub.url}/#/chat?conversation=${id}`;
    for (let run = 0; run < runs; run += 1) measured.push(await measure(browser, address, count));
    const row = (
      name: string,
      unit: string,
      target: string,
      of: (one: Measured) => number,
      holds: (value: number) => boolean,
    ): BenchRow => {
      const samples = measured.map(of);
      const value = median(samples);
      return {
        name: `${count} messages: ${name}`,
        unit,
        values: { Hearth: value },
        samples: { Hearth: samples },
        target,
        held: holds(value),
      };
    };
    return [
      row(
        "until the last one is seen",
        "ms",
        "≤ 1500",
        ({ shownMs }) => shownMs,
        (ms) => ms <= 1500,
      ),
      row(
        "from a key to its letter, 19 of 20",
        "ms",
        "≤ 50",
        ({ keyMs }) => keyMs,
        (ms) => ms <= 50,
      ),
      row(
        "while scrolling",
        "frames/s",
        // A display of 60 Hz never shows exactly 60.
        "≥ 59",
        ({ framesPerSecond }) => framesPerSecond,
        (rate) => rate >= 59,
      ),
    ];
  } finally {
    await browser.close();
  }
}

interface Measured {
  shownMs: number;
  keyMs: number;
  framesPerSecond: number;
}

/** In a fresh profile whose cache has the page: only the conversation is asked for. */
async function measure(browser: Browser, address: string, count: number): Promise<Measured> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.goto(address.replace(/\?.*$/, ""));
    await page.getByText("There is no model to ask yet.").waitFor();
    await page.goto("about:blank");
    const started = performance.now();
    await page.goto(address);
    await page.getByText(`Prompt ${count / 2 - 1}`, { exact: true }).waitFor();
    const shownMs = performance.now() - started;
    return { shownMs, keyMs: await keys(page), framesPerSecond: await scroll(page) };
  } finally {
    await context.close();
  }
}

/** ms from a key's event until the frame after it was drawn, of which 19 of 20 keys need no more. */
async function keys(page: Page): Promise<number> {
  // As text: these programs are checked as Node's, which knows no document.
  await page.evaluate(`window.keyTimes = [];
    addEventListener("keydown", ({ timeStamp }) => {
      requestAnimationFrame(() => setTimeout(() => window.keyTimes.push(performance.now() - timeStamp)));
    }, true);`);
  await page.getByLabel("Prompt", { exact: true }).pressSequentially(typed, { delay: keyPauseMs });
  await page.waitForFunction(`window.keyTimes.length === ${typed.length}`);
  const times = await page.evaluate<number[]>("window.keyTimes");
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;
}

/** Up from the end: heights that were estimated become true while one looks. */
async function scroll(page: Page): Promise<number> {
  const deltas = await page.evaluate<number[]>(`(async () => {
    const log = document.querySelector("[role=log]");
    log.dispatchEvent(new WheelEvent("wheel", { deltaY: -1, bubbles: true }));
    const found = [];
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < ${frames}; frame += 1) {
      log.scrollBy(0, -${scrollStep});
      const now = await new Promise(requestAnimationFrame);
      found.push(now - last);
      last = now;
    }
    return found;
  })()`);
  return 1000 / median(deltas);
}
