import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { VersionDiff } from "@hearth/wire/hub/version-diff";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HearthApiError } from "../packages/sdk/src/errors.ts";
import { hearth } from "./command-line.ts";
import { TestHub } from "./test-hub.ts";

const row = (prompt: string, completion: string) => JSON.stringify({ prompt, completion });
const first = ["apple", "leaf", "sky", "brick", "grass", "sea"].map((thing) => row(`${thing}?`, "red"));
/** One row gone, one new, one with another answer, the rest in another order. */
const second = [row("coal?", "black"), row("sky?", "blue"), ...first.slice(3).toReversed(), first[0] ?? ""];

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
  const { datasets, models, evaluations } = hub.client;
  await hub.addTinyModel("base");
  for (const [version, rows] of [first, second].entries()) {
    const folder = join(hub.home, `data-${version}`);
    await mkdir(folder);
    await writeFile(join(folder, "train.jsonl"), `${rows.join("\n")}\n`);
    await writeFile(join(folder, "test.jsonl"), `${first.join("\n")}\n`);
    await datasets.create({ name: "things", path: folder });
  }
  await models.create({ name: "tuned", base_model: "base", task_type: "chat" });
  await train("things:1", { lora_rank: 4, learning_rate: 0.01 });
  // So hard that it answers otherwise than the first.
  await train("things:2", { lora_rank: 8, learning_rate: 0.05, epochs: 6 });
  for (const model of ["tuned:1", "tuned:2"]) await evaluations.run({ model, dataset: "things:1" });
}, 300_000);
afterAll(() => hub[Symbol.asyncDispose]());

async function train(dataset_id: string, recipe: Record<string, number>): Promise<void> {
  const sample_prompts = ["apple?", "sky?"];
  const fixed = { model_id: "tuned", dataset_id, batch_size: 2, epochs: 2, seed: 5, sample_prompts };
  const job = await hub.client.jobs.create({ ...fixed, ...recipe });
  for await (const event of hub.client.jobs.events(job.id))
    if (event.type === "status" && event.job.error !== null) throw new Error(event.job.error.message);
}

const run = (...args: string[]) => hearth(["diff", ...args, "--url", hub.url]);

describe("hearth diff", { timeout: 120_000 }, () => {
  test("tells what changed in data, recipe, figures and answers", async () => {
    const told = await run("tuned:1", "tuned:2", "--json");
    expect(told.code).toBe(0);
    const diff = told.json as VersionDiff;
    expect(diff).toMatchObject({ same: false, from: { reference: "tuned:1" }, to: { reference: "tuned:2" } });
    expect(diff.data).toMatchObject({
      changed: true,
      from: { name: "things", version: 1 },
      to: { name: "things", version: 2 },
    });
    expect(diff.data.splits).toMatchObject([
      { split: "train", counts: { unchanged: 4, added: 1, removed: 1, changed: 1 } },
      { split: "test", counts: { unchanged: 6, added: 0, removed: 0, changed: 0 }, examples: [] },
    ]);
    expect(diff.data.splits[0]?.examples).toEqual([
      {
        kind: "changed",
        from_row: 3,
        to_row: 2,
        from: { format: "prompt", prompt: "sky?", completion: "red" },
        to: { format: "prompt", prompt: "sky?", completion: "blue" },
      },
      expect.objectContaining({ kind: "added", to_row: 1, from: null }),
      expect.objectContaining({ kind: "removed", from_row: 2, to: null }),
    ]);
    expect(diff.recipe.map((fact) => [fact.name, fact.from, fact.to])).toEqual([
      ["lora_rank", "4", "8"],
      ["learning_rate", "0.01", "0.05"],
      ["epochs", "2", "6"],
      ["lora_alpha", "8", "16"],
    ]);
    // Both were made by the same code on the same machine.
    expect(diff.environment.map(({ name }) => name).filter((name) => name !== "batch")).toEqual([]);
    const loss = diff.figures.find(({ group, name }) => group === "training" && name === "last_loss");
    expect(loss?.difference).toBeCloseTo((loss?.to ?? NaN) - (loss?.from ?? NaN), 12);
    expect(diff.figures.some(({ group, name }) => group === "things:1, test" && name === "accuracy")).toBe(
      true,
    );

    const [evaluated, sampled] = diff.answers;
    expect(evaluated).toMatchObject({ source: "evaluations", of: "things:1, test", compared: 6 });
    expect(sampled).toMatchObject({ source: "samples", compared: 2 });
    expect(sampled?.differing).toBeGreaterThan(0);
    expect(sampled?.examples[0]?.from).not.toBe(sampled?.examples[0]?.to);
  });

  test("asks both the same rows when told to, and shows the answers that differ", async () => {
    const told = await run("tuned:1", "tuned:2", "--ask", "3", "--dataset", "things:1", "--json");
    const asked = (told.json as VersionDiff).answers[0];
    expect(asked).toMatchObject({ source: "asked", of: "things:1, test", compared: 3 });
    expect(asked?.differing).toBeGreaterThan(0);
    expect(asked?.examples[0]).toMatchObject({ row: expect.any(Number), expected: "red" });
    // What both answered is what each answers when it is asked alone.
    const { row: at = 1, to } = asked?.examples[0] ?? {};
    const prompt = ["apple?", "leaf?", "sky?"][(at ?? 1) - 1] ?? "";
    const { text } = await hub.client.inference.run({
      model_id: "tuned:2",
      prompt,
      max_tokens: 11,
      temperature: 0,
    });
    expect(text).toBe(to);
  });

  test("ends with 1 only when it is asked to and they differ", async () => {
    const text = await run("tuned:1", "tuned:2", "--exit-code");
    expect(text.code).toBe(1);
    for (const part of [
      /train: 6 → 6 rows: 1 added, 1 removed, 1 with another answer, 4 the same/,
      /~ row 3 → 2: .*"red".* → .*"blue"/,
      /lora_rank +4 +8/,
      /tuned:1 and tuned:2 differ/,
    ])
      expect(text.stdout).toMatch(part);
    expect(text.stderr).toBe("");
    const same = await run("tuned:1", "tuned:1", "--exit-code");
    expect(same).toMatchObject({ code: 0, stdout: expect.stringContaining("are the same") });
    expect(await run("tuned:1", "tuned:2")).toMatchObject({ code: 0 });
  });

  test("what is not there, and what cannot be asked, is refused", async () => {
    expect(await run("tuned:1", "tuned:9")).toMatchObject({ code: 4 });
    const imported = await hub.client.models.diff("base:1", { to: "base" });
    expect(imported).toMatchObject({
      same: true,
      data: { changed: false, from: null, splits: [] },
      answers: [],
    });
    const nothing = await hub.client.models
      .diff("base:1", { to: "base:1", ask: 2 })
      .catch((error: unknown) => error);
    expect(nothing).toBeInstanceOf(HearthApiError);
    expect(nothing).toMatchObject({ status: 400, details: { field: "dataset" } });
    const split = await hub.client.models
      .diff("tuned:1", { to: "tuned:2", ask: 2, split: "validation" })
      .catch((error: unknown) => error);
    expect(split).toMatchObject({ status: 400, details: { field: "split", value: "validation" } });
  });
});
