import type { HubStatus } from "@hearth/wire/hub/status";
import fc from "fast-check";
import { expect, test } from "vitest";
import { renderPage } from "./render.ts";

const status: HubStatus = {
  status: "ok",
  version: "1",
  uptime_seconds: 1,
  database: "ok",
  jobs: { queued: 0, running: 0 },
  engines: [],
  memory: { hub_bytes: 1, budget_bytes: 2, used_bytes: 1 },
  url: "http://127.0.0.1:1",
  home: "/h",
  pid: 1,
  inference: { active: 0, queued: 0 },
  providers: [],
  running_job: null,
  queued_jobs: [],
  machine: {
    cores: 2,
    memory_total_bytes: 1,
    memory_available_bytes: 1,
    load_average: [0, 0, 0],
    platform: "x",
  },
};

const engine: HubStatus["engines"][number] = {
  base: "ember:1",
  pid: 1,
  memory_bytes: 1,
  reserved_bytes: 1,
  active: 0,
  waiting: 0,
  adapters: 0,
  slots: 8,
  context: 512,
  threads: 1,
  kv_cache_type: "f16",
  pinned: false,
  loaded_at: null,
  unloads_at: null,
};

const created_at = "2026-01-02T03:04:05.000Z";

function pageWith(text: string): Promise<string> {
  const version = {
    id: "v",
    model_id: "m",
    model: text,
    version: 1,
    status: "failed" as const,
    kind: "adapter" as const,
    base_version_id: null,
    metrics: {},
    artifact_path: null,
    checksums: {},
    sha256: null,
    aliases: [text],
    summary: null,
    lineage: {
      job_id: null,
      run_id: null,
      dataset: { id: "d", name: text, sha256: "0" },
      base: null,
      recipe: null,
      seed: null,
      code: { commit: null, dirty: null },
      environment: {},
    },
    error: { code: text, message: text },
    created_at,
  };
  const model = {
    id: "m",
    name: text,
    task_type: "chat" as const,
    description: text,
    base_model: null,
    tags: {},
    serving: {
      slots: null,
      context: null,
      threads: null,
      kv_cache_type: null,
      keep_alive: null,
      pinned: false,
    },
    experiment_id: "e",
    aliases: {},
    latest_version: 1,
    created_at,
  };
  return renderPage({
    status: { ...status, engines: [{ ...engine, base: text }] },
    models: [{ model, versions: { items: [version], total: 1, page: 1, page_size: 1 } }],
    modelsTotal: 1,
    evaluations: [
      {
        id: "e",
        run_id: "r",
        model: text,
        version_id: "v",
        version: 1,
        dataset_id: "d",
        split: "test",
        rows: 1,
        metrics: { [text]: 1 },
        confusion: {},
        examples: [],
        seconds: 1,
        created_at,
      },
    ],
    traces: [
      {
        id: "t",
        endpoint: text,
        model: text,
        version: 1,
        version_id: "v",
        run_id: text,
        artifact_sha256: text,
        status: "error",
        finish_reason: null,
        error_code: text,
        prompt_tokens: 1,
        cached_tokens: 0,
        completion_tokens: 1,
        ttft_ms: 1,
        latency_ms: 1,
        created_at,
      },
    ],
  });
}

test("no value from outside becomes markup", async () => {
  const markup = (page: string) => page.replaceAll(/[^<>"]/g, "");
  const plain = markup(await pageWith("x"));
  await fc.assert(
    fc.asyncProperty(
      fc.string({
        unit: fc.constantFrom("<", ">", '"', "'", "&", "/", "a", "=", " "),
        minLength: 1,
        maxLength: 12,
      }),
      async (text) => {
        expect(markup(await pageWith(text))).toBe(plain);
      },
    ),
    { numRuns: 60 },
  );
});

test("figures are shown", async () => {
  const page = await pageWith("x");
  for (const shown of ["2 cores", "1 B of 2 B", "2026-01-02 03:04:05"]) expect(page).toContain(shown);
});
