/**
 * `npm run screenshots [-- FOLDER]`: starts a hub of its own with ember, makes real data in it, and takes pictures of the
 * page's rooms into docs/screenshots. A short training on the example is part of it where it ends in time.
 */
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, errors, type Page } from "playwright-core";
import { loadConfig } from "../../packages/hub/src/config/load.ts";
import { startServer } from "../../packages/hub/src/server/server.ts";
import { makeData } from "./data.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = resolve(process.argv[2] ?? join(root, "docs/screenshots"));
/** Larger pictures make a checkout slow. */
const mostBytes = 150_000;
/** ms; an answer that is drawn lets the page ask for the next one sooner than that. */
const quietMs = 700;

const home = await mkdtemp(join(tmpdir(), "hearth-screenshots-"));
const config = loadConfig(
  {},
  {
    HOME: home,
    HEARTH_HOME: home,
    HEARTH_PORT: "0",
    HEARTH_DATA_PATHS: root,
    HEARTH_BUNDLED_MODELS: "0",
    HEARTH_SPARE_ENGINE: "0",
    HEARTH_KEEP_CONTENT: "1",
  },
);
const server = await startServer(config, { logStream: null });
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  const made = await makeData(
    server.url,
    join(root, "examples/email-triage"),
    join(root, "models/ember/ember.gguf"),
  );
  await mkdir(folder, { recursive: true });
  const rooms: [name: string, path: string][] = [
    ["home", ""],
    ["chat", "chat"],
    ["experiments", "experiments"],
    ["charts", made.charts],
    ["run", made.run],
    ["run-metrics", `${made.run}/model-metrics`],
    ["models", "models"],
    ["version", made.version],
    ["training", "training"],
    ["job", made.job],
    ["traces", "traces"],
    ["trace", `traces?trace=${encodeURIComponent(made.trace)}`],
    ["serving", "serving"],
    ["settings", "settings"],
  ];
  for (const [name, path] of rooms) await take(name, path, { width: 1280, height: 800 }, "light");
  await take("home-dark", "", { width: 1280, height: 800 }, "dark");
  await take("traces-phone", "traces", { width: 390, height: 800 }, "light");
} finally {
  await browser.close();
  await server.close();
  await rm(home, { recursive: true, force: true });
}

async function take(
  name: string,
  path: string,
  viewport: { width: number; height: number },
  colorScheme: "light" | "dark",
): Promise<void> {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    deviceScaleFactor: 1,
    reducedMotion: "reduce",
  });
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/#/${path}`);
    await settled(page, name);
    await quiet(page);
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file });
    const { size } = await stat(file);
    console.log(`${name}: ${Math.round(size / 1000)} kB${size > mostBytes ? ", too large" : ""}`);
    if (size > mostBytes) process.exitCode = 1;
  } finally {
    await context.close();
  }
}

/** The page keeps a stream open, so its network is never idle: it is ready when nothing stands for what is to come. */
async function settled(page: Page, name: string): Promise<void> {
  try {
    await page.getByRole("heading", { level: 1 }).first().waitFor({ timeout: 10_000 });
    // Not by a script in the page: its own policy lets none be evaluated.
    await page.locator(".mantine-Skeleton-root").first().waitFor({ state: "detached", timeout: 10_000 });
  } catch (error) {
    console.warn(
      `${name} did not settle: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
    );
  }
}

/** Until no answer has come for a while: parts of a page ask for more, and of some nothing stands before. */
async function quiet(page: Page): Promise<void> {
  for (;;) {
    try {
      await page.waitForEvent("requestfinished", { timeout: quietMs });
    } catch (error) {
      if (error instanceof errors.TimeoutError) return;
      throw error;
    }
  }
}
