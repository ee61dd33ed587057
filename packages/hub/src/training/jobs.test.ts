import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CreateJobRequest } from "@hearth/wire/hub/training";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCodeState } from "./code-state.ts";
import { processorFeatures } from "./hardware.ts";
import { readEnvironment } from "./provenance.ts";
import { openRooms } from "./tests/rooms.ts";
import type { TestRooms } from "./tests/rooms.ts";

const run = promisify(execFile);
const never = new AbortController().signal;
let home: string;
let rooms: TestRooms;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-jobs-"));
  rooms = await openRooms(home);
});
afterEach(async () => {
  await rooms[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const shape = { vocabulary: 512, dim: 96, layers: 2, heads: 6, kv_heads: 2, ffn: 256 };

test.each<[string, Partial<CreateJobRequest>, Record<string, unknown>]>([
  ["rank beyond the keys' width", { lora_rank: 65 }, { field: "lora_rank", value: 65, allowed: "1 to 64" }],
  [
    "rank beyond the layers",
    { lora_rank: 200, lora_targets: ["attn_q", "ffn_up"] },
    { field: "lora_rank", value: 200, allowed: "1 to 128" },
  ],
  [
    "a layer named twice",
    { lora_targets: ["attn_q", "attn_q"] },
    { field: "lora_targets", allowed: "each layer once" },
  ],
  ["batch beyond the rows", { batch_size: 11 }, { field: "batch_size", value: 11, allowed: "1 to 10" }],
  [
    "sequence beyond the context",
    { sequence_length: 300 },
    { field: "sequence_length", value: 300, allowed: "8 to 256" },
  ],
  ["pretrain without a shape", { recipe: "pretrain" }, { field: "pretrain" }],
  [
    "pretrain with a base",
    { recipe: "pretrain", pretrain: shape, base_model: "base:1" },
    { field: "base_model", value: "base:1" },
  ],
  [
    "heads that do not divide",
    { recipe: "pretrain", pretrain: { ...shape, heads: 5 } },
    { field: "pretrain.heads", value: 5 },
  ],
  [
    "heads of odd width",
    { recipe: "pretrain", pretrain: { ...shape, dim: 90 } },
    { field: "pretrain.heads" },
  ],
  [
    "key-value heads that do not divide",
    { recipe: "pretrain", pretrain: { ...shape, kv_heads: 4 } },
    { field: "pretrain.kv_heads" },
  ],
  ["a shape for a tuned model", { recipe: "full", pretrain: shape }, { field: "pretrain" }],
])("refused with field, value and range: %s", async (_name, request, details) => {
  await expect(rooms.createJob("model", request)).rejects.toMatchObject({ code: "invalid_request", details });
  expect((await rooms.rooms.registry.versions("model", { page: 1, page_size: 5 })).total).toBe(0);
  expect((await rooms.training.jobs.list({ page: 1, page_size: 5 })).total).toBe(0);
});

test("an estimate checks as a creation does and stores nothing", async () => {
  const job = await rooms.createJob("model");
  const request = { ...defaults, dataset_id: "mails", base_model: "base:1", batch_size: 2, epochs: 4 };
  expect(await rooms.training.jobs.estimate(request)).toMatchObject({
    budget_bytes: 2e9,
    free_bytes: 1e9,
    steps: 20,
    tokens: null,
    seconds: null,
    time_basis: "no earlier 'lora' job on base:1 has measured it",
    parameters: { sequence_length: 256, lora_alpha: 16 },
  });
  await expect(rooms.training.jobs.estimate({ ...request, batch_size: 11 })).rejects.toMatchObject({
    details: { field: "batch_size" },
  });
  expect((await rooms.training.jobs.list({ page: 1, page_size: 5 })).total).toBe(1);

  await rooms.training.start();
  await rooms.finish(job.id);
  // The earlier job trained 100 tokens in four passes over the same rows, 1000 a second.
  expect(await rooms.training.jobs.estimate({ ...request, epochs: 8 })).toMatchObject({
    tokens: 200,
    seconds: 0.2,
    time_basis: "as model:1 measured: 1000 tokens/s",
  });
  expect(await rooms.training.jobs.log(job.id, 2)).toEqual(["step 3", "step 4"]);
  await expect(rooms.training.jobs.log("../hub", 2)).rejects.toMatchObject({ code: "not_found" });
});

test("a model without a base needs one in the job; an adapter is no base", async () => {
  await rooms.createJob("tuned");
  await rooms.rooms.registry.createModel(
    { name: "plain", task_type: "chat", description: "", tags: {} },
    never,
  );
  const request = { model_id: "plain", dataset_id: "mails", batch_size: 2, epochs: 4 };
  const parsed = (base_model?: string) =>
    rooms.training.jobs.create({
      ...(base_model === undefined ? {} : { base_model }),
      ...defaults,
      ...request,
    });
  await expect(parsed()).rejects.toMatchObject({
    code: "invalid_request",
    details: { field: "base_model", value: null },
  });
  await expect(parsed("nobody")).rejects.toMatchObject({ code: "not_found" });
  await expect(parsed("tuned")).rejects.toMatchObject({ code: "conflict" });
  expect(await parsed("base:1")).toMatchObject({ status: "queued", parameters: { sequence_length: 256 } });

  await rooms.training.start();
  const [job] = (await rooms.training.jobs.list({ page: 1, page_size: 10 })).items.filter(
    (item) => item.model === "tuned",
  );
  await rooms.finish(job?.id ?? "");
  await expect(parsed("tuned")).rejects.toMatchObject({
    code: "invalid_request",
    details: { field: "base_model", allowed: "base:1" },
  });
});

const defaults = {
  recipe: "lora",
  lora_rank: 8,
  lora_targets: ["attn_q"],
  gradient_accumulation: 1,
  warmup_ratio: 0.05,
  weight_decay: 0.01,
  clip_norm: 1,
  checkpoint_every: 100,
  seed: 0,
  provider: "auto",
  trainer: "auto" as const,
} satisfies Partial<CreateJobRequest>;

test("blocks are computed again where the job would not fit otherwise, and the recipe says so", async () => {
  await rooms[Symbol.asyncDispose]();
  const budget = { bytes: 1e12 };
  rooms = await openRooms(
    home,
    {},
    {
      budgetBytes: () => budget.bytes,
      freeBytes: () => Promise.resolve(budget.bytes),
      makeRoom: () => Promise.resolve(budget.bytes),
      release: () => undefined,
    },
  );
  await rooms.createJob("model");
  const request = { ...defaults, model_id: "model", dataset_id: "mails", batch_size: 10, epochs: 1 };
  const estimate = (recompute?: "none" | "layers") =>
    rooms.training.jobs.estimate({ ...request, ...(recompute === undefined ? {} : { recompute }) });
  const [plain, lean] = [await estimate(), await estimate("layers")];
  expect(plain.parameters.recompute).toBe("none");
  const parts = Object.values(plain.memory_parts ?? {});
  expect(parts.reduce((sum, bytes) => sum + bytes, 0) / (plain.memory_bytes ?? 0)).toBeCloseTo(1, 6);
  expect(lean.memory_parts?.activations).toBeLessThan(plain.memory_parts?.activations ?? 0);
  budget.bytes = ((plain.memory_bytes ?? 0) + (lean.memory_bytes ?? 0)) / 2;
  expect(await estimate()).toMatchObject({
    memory_bytes: lean.memory_bytes,
    parameters: { recompute: "layers" },
  });
  await expect(estimate("none")).rejects.toMatchObject({ code: "resource_exhausted" });
  const job = await rooms.training.jobs.create(request);
  expect(job.parameters.recompute).toBe("layers");
});

test("a base stored as something that the trainer cannot read is refused by that name", async () => {
  await rooms.createJob("model");
  const { registry } = rooms.rooms;
  const version = await registry.createVersion({ model: (await registry.getModel("base")).id, kind: "full" });
  await registry.markReady(version.id, {
    artifactPath: join(home, "base.gguf"),
    sha256: "0".repeat(64),
    checksums: { "base.gguf": "0".repeat(64) },
    summary: { architecture: "llama", parameters: 10, weightTypes: "IQ4_XS 1000, F32 64" },
  });
  const request = { ...defaults, model_id: "model", dataset_id: "mails", batch_size: 2, epochs: 1 };
  await expect(rooms.training.jobs.create({ ...request, base_model: "base:2" })).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("IQ4_XS"),
    details: { field: "base_model" },
  });
});

test("a dataset without rows to train on, and a validation without a split, are refused", async () => {
  await rooms.createJob("model");
  await rooms.rooms.registry.createModel(
    { name: "other", task_type: "chat", description: "", tags: {}, base_model: "base:1" },
    never,
  );
  const file = join(home, "only.jsonl");
  await writeFile(file, '{"text":"one"}\n{"text":"two"}\n');
  await rooms.rooms.datasets.register({ name: "only", path: file }, never);
  const request = { ...defaults, model_id: "other", dataset_id: "only", batch_size: 8, epochs: 1 };
  await expect(rooms.training.jobs.create({ ...request, validation_every: 5 })).rejects.toMatchObject({
    details: { field: "validation_every", allowed: "absent" },
  });
  // Of running text, rows are not sequences: a batch larger than their number is fine.
  expect(await rooms.training.jobs.create(request)).toMatchObject({ status: "queued", dataset: "only" });
});

test("a job beyond the machine's memory is refused with both numbers", async () => {
  await rooms[Symbol.asyncDispose]();
  rooms = await openRooms(
    home,
    {},
    {
      budgetBytes: () => 160e6,
      freeBytes: () => Promise.resolve(160e6),
      makeRoom: () => Promise.resolve(160e6),
      release: () => undefined,
    },
  );
  const refused = await rooms
    .createJob("model", { recipe: "full", batch_size: 10 })
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "resource_exhausted", details: { available_bytes: 160e6 } });
  expect(String(refused)).toMatch(/needs about \d+ MB of memory and 160 MB are allowed/);
});

test("the lineage names commit and changes of the code, and nothing outside a repository", async () => {
  expect(await readCodeState(home)).toEqual({ commit: null, dirty: null, diff_sha256: null });
  const code = join(home, "code");
  const git = (...args: string[]) =>
    run("git", ["-C", code, "-c", "user.name=a", "-c", "user.email=a@example.org", ...args]);
  await run("git", ["init", "-q", code]);
  await writeFile(join(code, ".gitignore"), "ignored\n");
  await writeFile(join(code, "file"), "one");
  await git("add", ".");
  await git("commit", "-qm", "first");
  const { stdout } = await git("rev-parse", "HEAD");
  const clean = { commit: stdout.trim(), dirty: false, diff_sha256: null };
  expect(await readCodeState(code)).toEqual(clean);
  await writeFile(join(code, "ignored"), "of no account");
  expect(await readCodeState(code)).toEqual(clean);

  await writeFile(join(code, "file"), "two");
  const changed = await readCodeState(code);
  expect(changed).toMatchObject({ dirty: true, diff_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  await writeFile(join(code, "file"), "three");
  const otherwise = await readCodeState(code);
  // A file beside the commit counts with its contents.
  await writeFile(join(code, "new"), "a");
  const beside = await readCodeState(code);
  await writeFile(join(code, "new"), "b");
  const besideOtherwise = await readCodeState(code);
  const hashes = [changed, otherwise, beside, besideOtherwise].map(({ diff_sha256 }) => diff_sha256);
  expect(new Set(hashes).size).toBe(4);
  await rm(join(code, "new"));
  await symlink(home, join(code, "new"));
  expect(hashes).not.toContain((await readCodeState(code)).diff_sha256);
  expect((await readCodeState(code)).diff_sha256).not.toBeNull();
  await rm(join(code, "new"));
  await writeFile(join(code, "file"), "two");
  expect(await readCodeState(code)).toEqual(changed);
});

test("of a processor's flags those count that change sums", () => {
  const linux = "processor\t: 0\nmodel name\t: X\nflags\t\t: fpu vme avx2 avx512f fma sse4_2 hypervisor\n";
  expect(processorFeatures(linux)).toEqual(["avx2", "avx512f", "fma", "sse4_2"]);
  expect(processorFeatures("Features\t: fp asimd asimddp atomics sve\n")).toEqual([
    "asimd",
    "asimddp",
    "sve",
  ]);
  expect(processorFeatures("no such line")).toBeNull();
  expect(processorFeatures(null)).toBeNull();
});

test("the environment has the sha256 of the lock file when there is one", async () => {
  expect(await readEnvironment(home)).not.toHaveProperty("package_lock_sha256");
  await writeFile(join(home, "package-lock.json"), "{}");
  expect(await readEnvironment(home)).toMatchObject({
    node: process.versions.node,
    package_lock_sha256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  });
});

test("who listens is told of a job as soon as it waits, and where it is moved to", async () => {
  const told: string[] = [];
  await using rooms = await openRooms(home, { onEvent: (id) => told.push(id) });
  const first = await rooms.createJob("first");
  const second = await rooms.createJob("second");
  expect(told).toEqual([first.id, second.id]);
  await rooms.training.jobs.move(second.id, first.id);
  expect(told).toEqual([first.id, second.id, second.id]);
});
