import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { firstLine, hearth, startHearth } from "./command-line.ts";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

/** `{ rank: "4" }` → `--rank 4` */
function named(options: Record<string, string>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

describe("commands against a hub", () => {
  let hub: TestHub;
  let data: string;

  beforeAll(async () => {
    hub = await TestHub.start();
    await hub.addTinyModel("base");
    data = await writeSmallDataset(hub.home);
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  const run = (...args: string[]) => hearth([...args, "--json", "--url", hub.url]);

  test("train registers model and dataset, and reports the adapter; the rest follows it", async () => {
    const trained = await run(
      "train",
      ...named({ model: "tuned", dataset: data, base: "base", recipe: "lora" }),
      ...named({ rank: "4", "learning-rate": "0.01", epochs: "2", "batch-size": "4", seed: "3" }),
    );
    expect(trained.stderr).not.toContain("error:");
    expect(trained.code).toBe(0);
    expect(trained.json).toMatchObject({
      adapter_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      job: {
        status: "completed",
        parameters: { lora_rank: 4, learning_rate: 0.01, epochs: 2, batch_size: 4, seed: 3 },
      },
      version: { model: "tuned", version: 1, status: "ready" },
    });

    const reproduced = await run("reproduce", "tuned:1");
    expect(reproduced).toMatchObject({ code: 0, json: { identical: true } });

    const evaluated = await run("eval", "tuned:1", "colours", "--split", "test");
    expect(evaluated).toMatchObject({ code: 0, json: { model: "tuned", version: 1, rows: 6 } });

    const refused = await run("promote", "tuned:1", "--require", "accuracy>1");
    expect(refused).toMatchObject({ code: 5, json: { promoted: false, checks: [{ passed: false }] } });
    const promoted = await run("promote", "tuned:1", "--to", "champion", "--require", "accuracy>=0");
    expect(promoted).toMatchObject({ code: 0, json: { promoted: true, alias: "champion" } });

    const shown = await run("models", "show", "tuned@champion");
    expect(shown).toMatchObject({ code: 0, json: { version: 1, aliases: ["champion"] } });
    expect((await hearth(["models", "show", "tuned:1", "--url", hub.url])).stdout).toContain("sha256");

    const asked = await run("run", "tuned", "sky?", "--max-tokens", "4", "--temperature", "0");
    expect(asked).toMatchObject({
      code: 0,
      json: { model: "tuned:1", completionTokens: expect.any(Number) },
    });
    const piped = await hearth(
      ["run", "tuned", "--max-tokens", "4", "--temperature", "0", "--json", "--url", hub.url],
      { input: "sky?" },
    );
    expect(piped.json).toMatchObject({ text: (asked.json as { text: string }).text });

    const history = await run("models", "history", "tuned");
    expect((history.json as { items: { kind: string }[] }).items.map((event) => event.kind)).toContain(
      "promotion_refused",
    );
  });

  test("a job can be detached, shown, cancelled", async () => {
    const queued = await run(
      "train",
      "--model",
      "slow",
      "--dataset",
      "colours",
      "--base",
      "base",
      "--epochs",
      "500",
      "--detach",
    );
    expect(queued.code).toBe(0);
    const { id } = (queued.json as { job: { id: string } }).job;
    expect(await run("jobs", "show", id)).toMatchObject({ code: 0, json: { id, model: "slow" } });
    expect((await run("jobs")).json).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id })]),
    });
    expect((await run("jobs", "cancel", id)).code).toBe(0);
    const followed = await run("jobs", "follow", id);
    expect(followed).toMatchObject({ code: 5, json: { error: { code: "unsuccessful" } } });
    expect(followed.stderr).toContain("cancelled");
  });

  test("what a job needs is told before it is queued; --dry-run tells it and makes nothing", async () => {
    const recipe = named({ model: "planned", dataset: data, base: "base", epochs: "2", "batch-size": "4" });
    const asked = ["train", ...recipe, "--dry-run", "--url", hub.url];
    const { stdout } = await hearth(asked);
    expect(stdout).toMatch(/^trainer onnx: /m);
    expect(stdout).toMatch(
      /^needs about \S+ MB of memory \(\S+ .B allowed, \S+ .B of it free\) and \S+ .B on the disk at most$/m,
    );
    expect(stdout).toMatch(/^6 steps/m);
    expect((await hearth([...asked, "--json"])).json).toMatchObject({
      estimate: { steps: 6, memory_bytes: expect.any(Number), parameters: { epochs: 2 } },
    });
    expect((await run("models", "show", "planned")).code).toBe(4);
    const refused = await hearth([...asked, "--rank", "200", "--json"]);
    expect(refused).toMatchObject({ code: 2, json: { error: { details: { field: "lora_rank" } } } });
  });

  test("what the model says while it is trained is drawn, and can be read again", async () => {
    const asked = [
      "--batch-size",
      "4",
      "--sample-steps",
      "6",
      "--sample-prompt",
      "sky?",
      "leaf?",
      "--epochs",
      "4",
    ];
    const trained = await run("train", "--model", "said", "--dataset", "colours", "--base", "base", ...asked);
    expect(trained.code).toBe(0);
    const { id } = (trained.json as { job: { id: string } }).job;
    const again = await hearth(["jobs", "samples", id, "--url", hub.url]);
    const lines = again.stdout.trim().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^step 0: "sky\?" → ".*"…?$/);
    const drawn = trained.stderr.split("\n").filter((line) => line.startsWith("  step "));
    // The first may have been said before anybody listened.
    expect(drawn.length).toBeGreaterThanOrEqual(4);
    expect(drawn.map((line) => line.trim())).toEqual(lines.slice(-drawn.length));
    expect((await run("jobs", "samples", id)).json).toMatchObject({
      samples: expect.arrayContaining([
        expect.objectContaining({ step: 0, prompt: "leaf?", expected: null }),
      ]),
    });
  });

  test("datasets are added, verified, refused and removed", async () => {
    expect(await run("datasets", "add", "shades", data)).toMatchObject({ code: 0, json: { name: "shades" } });
    expect(await run("datasets", "verify", "shades")).toMatchObject({ code: 0, json: { ok: true } });
    expect((await run("datasets", "show", "shades")).json).toMatchObject({
      labels: ["blue", "green", "red"],
    });
    expect((await hearth(["datasets", "--url", hub.url])).stdout).toMatch(/shades\s+1\s+chat/);
    const broken = join(hub.home, "broken.jsonl");
    await writeFile(broken, '{"text":"fine"}\n{"text":\n');
    const refused = await run("datasets", "add", "broken", broken);
    expect(refused).toMatchObject({
      code: 2,
      json: { error: { code: "dataset_invalid", details: { line: 2 } } },
    });
    expect((await run("datasets", "remove", "shades")).code).toBe(0);
    expect(await run("datasets", "show", "shades")).toMatchObject({
      code: 4,
      json: { error: { code: "not_found" } },
    });
  });

  test("models are added, listed and removed; an unknown one names the closest", async () => {
    expect(await run("models", "add", "twin", "--base", "base")).toMatchObject({
      code: 0,
      json: { base_model: "base" },
    });
    expect((await hearth(["models", "--url", hub.url])).stdout).toContain("twin");
    const unknown = await run("run", "twim", "hello");
    expect(unknown).toMatchObject({ code: 4, json: { error: { code: "model_not_found" } } });
    expect(unknown.stderr).toContain("twin");
    expect((await run("models", "remove", "twin")).code).toBe(0);
  });

  test("a conversation over a pipe", async () => {
    const talk = await hearth(["chat", "base", "--json", "--url", hub.url], { input: "hello\n/bye\n" });
    expect(talk.code).toBe(0);
    expect((talk.json as { messages: { role: string }[] }).messages.map((message) => message.role)).toEqual([
      "user",
      "assistant",
    ]);
  });

  test("status says what is loaded", async () => {
    expect(await run("status")).toMatchObject({ code: 0, json: { status: "ok", url: hub.url } });
    expect((await hearth(["status", "--url", hub.url])).stdout).toContain("memory:");
  });
});

describe("serve and stop", () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "hearth-cli-"));
  });
  afterAll(() => rm(home, { recursive: true }));

  const environment = () => ({ HEARTH_HOME: home, HEARTH_BUNDLED_MODELS: "0", HEARTH_SPARE_ENGINE: "0" });

  test("the first line is the address; commands find the hub by its home; stop ends it", async () => {
    const server = startHearth(["serve", "--port", "0", "--home", home, "--json"], { env: environment() });
    const ended = once(server, "exit");
    const { url } = JSON.parse(await firstLine(server)) as { url: string };
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const status = await hearth(["status", "--json"], { env: environment() });
    expect(status.json).toMatchObject({ url });
    const stopped = await hearth(["stop", "--json"], { env: environment() });
    expect(stopped).toMatchObject({ code: 0, json: { stopped: true, url } });
    expect(await ended).toEqual([0, null]);
    expect(existsSync(join(home, "hub.json"))).toBe(false);
  });

  test("Ctrl-C ends a server in order, with exit code 0", async () => {
    const server = startHearth(["serve", "--port", "0", "--home", home, "--json"], { env: environment() });
    const ended = once(server, "exit");
    await firstLine(server);
    server.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });

  test("a port in use is one sentence", async () => {
    await using other = await TestHub.start();
    const refused = await hearth(["serve", "--port", String(other.port), "--home", home, "--json"], {
      env: environment(),
    });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/port/);
    expect(refused.stderr).not.toMatch(/\n\s+at /);
  });

  test("a bad setting stops the start with the variable, the value and what is allowed", async () => {
    const refused = await hearth(["serve", "--json"], { env: { ...environment(), HEARTH_PORT: "seventy" } });
    expect(refused).toMatchObject({ code: 78, json: { error: { code: "configuration_invalid" } } });
    expect(refused.stderr).toMatch(/HEARTH_PORT.*seventy/);
  });
});

describe("without a hub", () => {
  test("a command says that nothing answers and how to start one", async () => {
    const lonely = await hearth(["models", "--json", "--url", "http://127.0.0.1:9"]);
    expect(lonely).toMatchObject({ code: 3, json: { error: { code: "unreachable" } } });
    expect(lonely.stderr).toContain("hearth serve");
  });

  test("wrong usage ends with 2 and points to the help", async () => {
    expect((await hearth(["modles"])).code).toBe(2);
    expect((await hearth(["train", "--json"])).code).toBe(2);
    expect((await hearth(["reproduce", "no-version"])).code).toBe(2);
  });

  test("--help documents every command and the exit codes", async () => {
    const { code, stdout } = await hearth(["--help"]);
    expect(code).toBe(0);
    for (const verb of [
      "serve",
      "models",
      "datasets",
      "train",
      "jobs",
      "eval",
      "promote",
      "rollback",
      "reproduce",
      "diff",
      "run",
      "chat",
      "mcp",
      "status",
      "stop",
      "doctor",
    ])
      expect(stdout).toMatch(new RegExp(`^  ${verb}\\b`, "m"));
    expect(stdout).toContain("Exit codes:");
  });

  test("doctor loads the native libraries and finds them working", async () => {
    const found = await hearth(["doctor", "--json"]);
    expect(found).toMatchObject({ code: 0, json: { ok: true } });
  });
});
