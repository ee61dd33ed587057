import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

/** No place to break it at: what a page does with it must not make the page wider than a phone. */
const long = `${"a-name-without-an-end-".repeat(5)}x`;
const created = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });

let hub: TestHub;
let browser: TestBrowser;
/** Behind the `#`, with the name of the page's heading. */
const pages: [string, string][] = [];
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  await hub.addTinyModel();
  const { name: model } = await hub.client.models.create({ name: long, task_type: "chat" });
  const path = await writeSmallDataset(hub.home);
  await hub.client.datasets.create({ name: long, path });
  await hub.client.datasets.create({ name: "mails", path });
  await hub.client.evaluations.run({ model: "tiny", dataset: "mails", limit: 2 });
  const experiment = await hub.client.experiments.create(long.repeat(2));
  const runs = await Promise.all([runOf(experiment.id, long), runOf(experiment.id, "short")]);
  const answer = await hub.client.inference.run({ model_id: "tiny", prompt: long, max_tokens: 4 });
  const job = await hub.client.jobs.create({ model_id: model, dataset_id: "mails", base_model: "tiny:1" });
  await hub.client.jobs.cancel(job.id);
  pages.push(
    ["/", "Home"],
    ["/chat", "Chat"],
    ["/experiments", "Experiments"],
    [`/experiments/${experiment.id}`, long],
    [`/experiments/${experiment.id}/runs/${runs[0]}`, long],
    [`/experiments/${experiment.id}/runs/${runs[0]}?tab=metrics`, long],
    [`/compare-runs?runs=${JSON.stringify(runs)}`, ""],
    ["/models", "Models"],
    [`/models/${long}`, long],
    ["/models/tiny/versions/1", "tiny"],
    ["/datasets", "Datasets"],
    [`/datasets/${long}`, long],
    ["/training", "Training"],
    ["/training/new", "New training"],
    [`/training/jobs/${job.id}`, long],
    ["/traces", "Traces"],
    [`/traces?trace=${answer.trace_id}`, ""],
    ["/serving", "Serving"],
    ["/settings", "Settings"],
    ["/nowhere", "Not found"],
  );
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

async function runOf(experiment_id: string, run_name: string): Promise<string> {
  const send = (path: string, body: unknown) => hub.post(`/api/2.0/mlflow/runs/${path}`, body);
  const answer = await send("create", { experiment_id, run_name, start_time: Date.now() });
  const { run_id } = created.parse(await answer.json()).run.info;
  await send("log-batch", {
    run_id,
    params: [{ key: long, value: long }],
    tags: [{ key: "note", value: long }],
    metrics: [0, 1, 2].map((step) => ({ key: "loss", value: 1 / (step + 1), step, timestamp: 1000 + step })),
  });
  return run_id;
}

test.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
  ["dark", 390],
] as const)(
  "every page can be read by everybody and fits the screen (%s, %i px)",
  async (colorScheme, width) => {
    await using tab = await browser.open(`${hub.url}/`, { colorScheme, width });
    const { page } = tab;
    const wrong: string[] = [];
    for (const [address, heading] of pages) {
      await page.goto(`${hub.url}/#${address}`);
      // What a dialog is over is hidden from assistive technology.
      await page.locator("main h1", { hasText: heading }).first().waitFor();
      if (address.includes("trace=")) await page.getByRole("dialog").getByText("Spans").first().waitFor();
      await expect.poll(() => page.title(), { message: address }).toMatch(/.+ · Hearth$/);
      const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      if (overflow > 0) wrong.push(`${address} is ${overflow} px too wide`);
      wrong.push(...(await tab.violations()).map((violation) => `${address}: ${violation}`));
    }
    expect(wrong).toEqual([]);
    tab.expectClean();
  },
  180_000,
);
