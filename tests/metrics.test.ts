import { afterAll, beforeAll, expect, test } from "vitest";
import { enginePid, TestHub } from "./test-hub.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel();
});
afterAll(() => hub[Symbol.asyncDispose]());

/** Value of one series; NaN when there is none. */
async function series(name: string): Promise<number> {
  const line = (await hub.client.metrics()).split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
}

test("Prometheus' content type, and every metric has help and type", async () => {
  const response = await hub.fetch("/metrics");
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split("\n");
  const names = new Set(
    lines
      .filter((line) => line.startsWith("hearth_"))
      .map((line) => line.replace(/[{ ].*/, "").replace(/_(bucket|sum|count)$/, "")),
  );
  for (const name of names) expect(lines.some((line) => line.startsWith(`# TYPE ${name} `))).toBe(true);
});

test("requests are counted by route, not by path", async () => {
  const name = 'hearth_http_requests_total{method="GET",route="/models/{id}",status="404"}';
  for (const id of ["a1", "b2"]) await (await hub.fetch(`/api/models/${id}`)).text();
  expect(await series(name)).toBe(2);
  await (await hub.fetch("/some/path/that/is/not")).text();
  expect(await series('hearth_http_requests_total{method="GET",route="unmatched",status="404"}')).toBe(1);
  expect(await series('hearth_http_request_duration_seconds_count{method="GET",route="/models/{id}"}')).toBe(
    2,
  );
});

test("a generation moves every inference metric", async () => {
  const answer = await hub.client.inference.run({
    model_id: "tiny",
    prompt: "abc",
    max_tokens: 4,
    temperature: 0,
  });
  expect(
    await series('hearth_inference_requests_total{model="tiny",endpoint="/inference",status="ok"}'),
  ).toBe(1);
  expect(await series('hearth_inference_tokens_total{model="tiny",kind="completion"}')).toBe(4);
  expect(await series('hearth_inference_tokens_total{model="tiny",kind="prompt"}')).toBe(
    answer.prompt_tokens,
  );
  expect(await series('hearth_inference_ttft_seconds_count{model="tiny"}')).toBe(1);
  expect(await series('hearth_inference_ttft_seconds_sum{model="tiny"}')).toBeCloseTo(
    answer.ttft_ms / 1000,
    5,
  );
  expect(await series('hearth_inference_duration_seconds_count{model="tiny"}')).toBe(1);
  expect(await series("hearth_engines_loaded")).toBe(1);
  expect(await series('hearth_engine_memory_bytes{base="tiny:1"}')).toBeGreaterThan(10_000_000);
  expect(await series('hearth_memory_bytes{kind="used"}')).toBeGreaterThan(1_000_000);
  await hub.client.inference.run({ model_id: "tiny", prompt: "word ".repeat(3000) }).catch(() => {});
  expect(
    await series('hearth_inference_requests_total{model="tiny",endpoint="/inference",status="error"}'),
  ).toBe(1);
});

test("queue, speed and loads are measured, with models as their only label", async () => {
  await using narrow = await TestHub.start({ env: { HEARTH_SLOTS: "1" } });
  await narrow.addTinyModel();
  const ask = () =>
    narrow.client.inference.run({
      model_id: "tiny",
      prompt: "the same beginning of some length",
      max_tokens: 100,
      temperature: 0,
    });
  const answers = await Promise.all([ask(), ask(), ask()]);
  const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
  const lines = (await narrow.client.metrics()).split("\n");
  const value = (name: string): number => {
    const line = lines.find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
  };
  expect(value('hearth_inference_queue_seconds_count{model="tiny"}')).toBe(3);
  expect(value('hearth_inference_queue_seconds_sum{model="tiny"}')).toBeGreaterThan(0);
  const gaps = value('hearth_inference_inter_token_seconds_count{model="tiny"}');
  expect(gaps).toBeGreaterThan(0);
  expect(gaps).toBeLessThan(tokens);
  expect(value('hearth_inference_tokens_per_second_count{model="tiny"}')).toBe(3);
  expect(value('hearth_inference_tokens_per_second_sum{model="tiny"}')).toBeGreaterThan(3);
  expect(value('hearth_inference_tokens_total{model="tiny",kind="cached"}')).toBeGreaterThan(0);
  expect(value("hearth_engine_load_seconds_count")).toBe(1);
  expect(value("hearth_engine_load_seconds_sum")).toBeGreaterThan(0);
  const rounds = value("hearth_engine_batch_size_count");
  expect(rounds).toBeGreaterThanOrEqual(tokens - 3);
  expect(value("hearth_engine_batch_size_sum")).toBeGreaterThanOrEqual(rounds);
});

test("gauges follow what happens", async () => {
  expect(await series("hearth_models")).toBe(1);
  expect(await series('hearth_model_versions{status="ready"}')).toBe(1);
  await hub.client.models.create({ name: "second" });
  expect(await series("hearth_models")).toBe(2);
  expect(await series('hearth_training_jobs{status="queued"}')).toBe(0);
});

test("active and waiting generations are counted while they are", async () => {
  // One slot: whatever the speed of the machine, most of these wait while the first ones are asked about.
  await using narrow = await TestHub.start({ env: { HEARTH_SLOTS: "1" } });
  await narrow.addTinyModel();
  const request = { model_id: "tiny", prompt: "abc", max_tokens: 500, temperature: 0 };
  const streams = Array.from({ length: 24 }, () => narrow.client.inference.stream(request));
  const started = streams.map((stream) => stream.next());
  await Promise.any(started);
  const gauges = async () => {
    const text = await narrow.client.metrics();
    const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
    return { active: value("hearth_inference_active"), waiting: value("hearth_inference_queue_length") };
  };
  const busy = await gauges();
  expect(busy.active).toBeGreaterThan(1);
  expect(busy.waiting).toBe(busy.active - 1);
  await Promise.all(started);
  for (const stream of streams) for await (const text of stream) expect(text).not.toBe("");
  let idle = await gauges();
  while (idle.active > 0) idle = await gauges();
  expect(idle.waiting).toBe(0);
});

test("a killed engine is counted, and the next request is answered", async () => {
  await hub.client.inference.run({ model_id: "tiny", prompt: "abc", max_tokens: 1 });
  process.kill(await enginePid(hub), "SIGKILL");
  let crashes = 0;
  while (crashes === 0) crashes = await series("hearth_engine_crashes_total");
  expect((await hub.client.inference.run({ model_id: "tiny", prompt: "abc", max_tokens: 1 })).tokens).toBe(1);
});

test("an idle engine gives way when memory is short", async () => {
  await using small = await TestHub.start({ env: { HEARTH_MEMORY_LIMIT: "270MB" } });
  await small.addTinyModel("a", 1);
  await small.addTinyModel("b", 2);
  for (const model_id of ["a", "b"])
    await small.client.inference.run({ model_id, prompt: "x", max_tokens: 1 });
  const text = await small.client.metrics();
  expect(text).toContain("hearth_engine_evictions_total 1");
  expect(text).toContain("hearth_engines_loaded 1");
});

test("the event loop's delay and the process are measured", async () => {
  for (const quantile of ["0.5", "0.99", "1"])
    expect(await series(`hearth_event_loop_delay_seconds{quantile="${quantile}"}`)).toBeGreaterThanOrEqual(0);
  expect(await series("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(await series('hearth_memory_bytes{kind="machine_total"}')).toBeGreaterThan(
    await series('hearth_memory_bytes{kind="machine_available"}'),
  );
});
