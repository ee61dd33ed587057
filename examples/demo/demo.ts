/**
 * The whole main job through Hearth's public entries: a hub as its own process, the SDK,
 * and the official `openai` package as the client that asks. `--once` stops everything at
 * the end and prints one JSON object as the last line of stdout.
 */
import { parseArgs } from "node:util";
import { HearthClient } from "@hearth/sdk";
import { startStage, type Stage } from "../../packages/hub/src/cli/progress.ts";
import { startDemoHub, type DemoHub } from "./demo-hub.ts";
import { runMainJob, type Outcome } from "./main-job.ts";
import { printOutcome, resultLine } from "./outcome.ts";

const { values: options } = parseArgs({ options: { once: { type: "boolean", default: false } } });

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interruption.abort());

process.exitCode = await demo(interruption.signal);

async function demo(signal: AbortSignal): Promise<number> {
  const started = performance.now();
  let hub: DemoHub | undefined;
  let outcome: Outcome | undefined;
  let failure: unknown;
  try {
    hub = await stage(
      "start a hub",
      () => startDemoHub(signal),
      (found) => found.url,
    );
    outcome = await runMainJob(new HearthClient({ url: hub.url }), { stage, signal });
    printOutcome(outcome, hub.url, (performance.now() - started) / 1000);
    if (!options.once) {
      console.error(
        `\nThe page is at ${hub.url}; ask it with the openai package at ${hub.url}/v1. Ctrl-C stops the hub.`,
      );
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
  } catch (error) {
    failure = error;
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    if (hub) console.error(`The hub's log is ${hub.logFile}`);
  } finally {
    await hub?.stop({ removeHome: failure === undefined });
  }
  const seconds = (performance.now() - started) / 1000;
  if (options.once) console.log(JSON.stringify(resultLine(outcome, failure, seconds)));
  return failure === undefined ? 0 : 1;
}

/** One bar a stage: full when `work` is done, stopped where it was when `work` throws. */
async function stage<T>(
  title: string,
  work: (bar: Stage) => Promise<T>,
  note: (result: T) => string = () => "",
): Promise<T> {
  const bar = startStage(title);
  try {
    const result = await work(bar);
    bar.done(note(result));
    return result;
  } catch (error) {
    bar.failed("failed");
    throw error;
  }
}

export type RunStage = typeof stage;
