import { afterAll, beforeAll, expect, test } from "vitest";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../packages/hub/src/config/load.ts";
import { llamaLibraryProblem } from "../packages/hub/src/server/llama-availability.ts";
import { effectiveSettings } from "../packages/hub/src/server/settings.ts";
import { hubSettings } from "../packages/wire/src/hub/settings.ts";
import { TestHub } from "./test-hub.ts";

const apiKey = "an-api-key-that-nobody-may-see";
let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start({ env: { HEARTH_API_KEY: apiKey, HEARTH_SLOTS: "3", HEARTH_KEEP_ALIVE: "-1" } });
});
afterAll(() => hub[Symbol.asyncDispose]());

test("the settings say what is set and by what, and the key is not told", async () => {
  const settings = await hub.client.settings();
  expect(settings.keys.api_key_set).toEqual({ value: true, variable: "HEARTH_API_KEY" });
  expect(settings.limits.slots).toEqual({ value: 3, variable: "HEARTH_SLOTS" });
  expect(settings.limits.keep_alive_ms.value).toBeNull();
  expect(settings.places.home.value).toBe(hub.home);
  expect(settings.engines.map(({ name }) => name)).toEqual(["llama", "mlx", "ember"]);
  for (const { available, reason } of settings.engines) expect(reason === null).toBe(available);
  expect(JSON.stringify(settings)).not.toContain(apiKey);
  expect((await hub.fetch("/settings")).status).toBe(401);
});

test("no key and no password gets through, wherever it was put", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-settings-"));
  try {
    const providers = { other: { urls: ["http://127.0.0.1:9/v1"], apiKeyVariable: "OTHER_KEY" } };
    await writeFile(join(home, "config.json"), JSON.stringify({ providers }));
    const config = loadConfig(
      {},
      {
        HOME: home,
        HEARTH_HOME: home,
        HEARTH_API_KEY: "secret-of-the-hub-itself",
        OTHER_KEY: "secret-of-the-provider",
        DATABASE_URL: "postgres://me:secret-in-front@db:5432/hearth?password=secret-behind",
        OTEL_EXPORTER_OTLP_ENDPOINT: "https://u:secret-user@otlp.example/secret-path?token=secret-query",
      },
    );
    const settings = hubSettings.parse(effectiveSettings(config));
    expect(JSON.stringify(settings)).not.toContain("secret-");
    expect(settings.places.database).toBe("db:5432/hearth");
    expect(settings.providers).toMatchObject([{ name: "other", key_variable: "OTHER_KEY", key_set: true }]);
    expect(settings.telemetry.otlp_endpoint.value).toBe("https://otlp.example");
  } finally {
    await rm(home, { recursive: true });
  }
});

test("a bundled example is registered once, and only by its name", async () => {
  const first = await hub.client.examples.register("email-triage");
  expect(first).toMatchObject({ name: "email-triage", version: 1 });
  expect((await hub.client.examples.register("email-triage")).id).toBe(first.id);
  await expect(hub.client.examples.register("../models")).rejects.toMatchObject({ status: 404 });
});

test("an engine that is not installed for a machine says so", () => {
  expect(llamaLibraryProblem()).toBeNull();
  expect(llamaLibraryProblem("plan9", "mips")).toContain("plan9 on mips");
});
