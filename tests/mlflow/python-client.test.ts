import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonWith } from "../peers/python-peer.ts";
import { TestHub } from "../test-hub.ts";
import { runChecks } from "./python-checks.ts";

const python = await pythonWith("mlflow, sklearn, torch, pytorch_lightning, langchain_openai");

/** Fewest checks that a script has; one that lost its checks must not pass. */
const scripts = [
  ["tracking", 16],
  ["artifacts", 7],
  ["registry", 8],
  ["models", 7],
  ["traces", 10],
  ["prompts", 5],
  ["datasets", 4],
  ["command_line", 2],
] as const;

describe.skipIf(python === undefined)("the unmodified Python client", () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start({ env: { HEARTH_BUNDLED_MODELS: "1" } });
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  test.each(scripts)("%s", { timeout: 240_000 }, async (script, checks) => {
    const { passed, failed } = await runChecks(python ?? "", script, hub.url);
    expect(failed).toEqual({});
    expect(passed.length).toBeGreaterThanOrEqual(checks);
  });

  test("autologging, with the hub's own language model", { timeout: 240_000 }, async () => {
    const { passed, failed } = await runChecks(python ?? "", "autolog", hub.url, {
      CHAT_URL: `${hub.url}/v1`,
      CHAT_MODEL: "ember",
    });
    expect(failed).toEqual({});
    expect(passed).toHaveLength(4);
  });
});
