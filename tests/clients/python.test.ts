import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonWith } from "../peers/python-peer.ts";
import type { TestHub } from "../test-hub.ts";
import { clientsHub } from "./models.ts";

const run = promisify(execFile);
const python = await pythonWith("openai, langchain_openai");
const script = join(import.meta.dirname, "openai_checks.py");

describe.skipIf(python === undefined)("OpenAI's Python client and LangChain, as they are", () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await clientsHub();
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  test.each([
    "plain",
    "streamed",
    "tools",
    "schemas",
    "responses",
    "embeddings",
    "errors",
    "langchain",
    "aborted",
  ])("%s", async (name) => {
    const { stdout } = await run(python ?? "", [script, hub.url, name]);
    expect(JSON.parse(stdout)).toEqual({ passed: name });
    let active = 1;
    while (active > 0) active = (await hub.client.status()).inference.active;
  });
});
