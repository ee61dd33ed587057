import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonWith } from "../peers/python-peer.ts";
import { TestHub } from "../test-hub.ts";
import { runChecks } from "./python-checks.ts";

const python = await pythonWith("mlflow, sklearn, torch, pytorch_lightning, langchain_openai");
const starterModel = join(import.meta.dirname, "../../models/ember/ember.gguf");
const postgres = process.env["DATABASE_URL_TEST"];
if (postgres === undefined)
  console.info("the Python client with PostgreSQL: skipped, DATABASE_URL_TEST is not set");

/** Fewest checks that a script has; one that lost its checks must not pass. */
const counts = {
  tracking: 16,
  artifacts: 7,
  registry: 8,
  models: 7,
  traces: 10,
  prompts: 5,
  datasets: 4,
  webhooks: 2,
  command_line: 2,
  autolog: 4,
} as const;

type Script = keyof typeof counts;

/** A test for each script, against one hub. */
function scriptsHold(scripts: readonly Script[], env: Record<string, string>): void {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start({ env });
    if (scripts.includes("autolog")) {
      await hub.client.models.create({ name: "ember", task_type: "chat", path: starterModel });
    }
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  test.each(scripts)("%s", { timeout: 300_000 }, async (script) => {
    const { passed, failed } = await runChecks(python ?? "", script, hub.url, {
      // Autologging records conversations with the hub's own language model.
      CHAT_URL: `${hub.url}/v1`,
      CHAT_MODEL: "ember",
    });
    expect(failed).toEqual({});
    expect(passed.length).toBeGreaterThanOrEqual(counts[script]);
  });
}

describe.skipIf(python === undefined)("the unmodified Python client", () => {
  scriptsHold(
    [
      "tracking",
      "artifacts",
      "registry",
      "models",
      "traces",
      "prompts",
      "datasets",
      "webhooks",
      "command_line",
      "autolog",
    ],
    {},
  );
});

describe.skipIf(python === undefined || postgres === undefined)(
  "the unmodified Python client, with PostgreSQL",
  () => {
    scriptsHold(["tracking", "registry", "traces", "prompts", "datasets"], { DATABASE_URL: postgres ?? "" });
  },
);
