import { expect, test } from "vitest";
import { readForm, type JobFormValues } from "./job-form-values.ts";

const values: JobFormValues = {
  model: "tuned",
  dataset: "mails",
  base: "base:1",
  recipe: "lora",
  targets: ["attn_q"],
  prompts: "",
  provider: "auto",
  trainer: "auto",
  packing: false,
  recompute: null,
  priority: 0,
  numbers: { lora_rank: 4, epochs: "", "pretrain.dim": 64 },
};

test("only what the recipe knows and what was filled in is sent", () => {
  expect(readForm(values, ["tuned"])).toMatchObject({
    request: { model_id: "tuned", base_model: "base:1", lora_rank: 4, epochs: 3 },
  });
  const made = readForm({ ...values, recipe: "pretrain", base: null }, []);
  expect(made).toMatchObject({ request: { recipe: "pretrain", pretrain: { dim: 64, layers: 6 } } });
  expect(JSON.stringify(made)).not.toMatch(/model_id|base_model/);
});

test("what is wrong is told by its field", () => {
  const wrong = {
    ...values,
    model: "a b",
    dataset: null,
    targets: [],
    numbers: { lora_rank: 0, epochs: -1 },
  };
  const read = readForm(wrong, []);
  expect(Object.keys("problems" in read ? read.problems : {}).toSorted()).toEqual([
    "dataset_id",
    "epochs",
    "lora_rank",
    "lora_targets",
    "model_id",
  ]);
});

test("prompts are the lines that say something, and a wrong one is told of", () => {
  expect(
    readForm({ ...values, prompts: "sky?\n \nleaf?\n", numbers: { sample_steps: 0 } }, []),
  ).toMatchObject({
    request: { sample_prompts: ["sky?", "leaf?"], sample_steps: 0 },
  });
  expect(readForm({ ...values, prompts: " \n" }, [])).not.toHaveProperty("request.sample_prompts");
  expect(readForm({ ...values, prompts: "a\n".repeat(9) }, [])).toHaveProperty("problems.sample_prompts");
  expect(readForm({ ...values, prompts: `a\n${"x".repeat(2001)}` }, [])).toHaveProperty(
    "problems.sample_prompts",
  );
});

test("the priority in the queue is sent, and one that the hub does not know is told of", () => {
  expect(readForm(values, [])).toMatchObject({ request: { priority: 0 } });
  expect(readForm({ ...values, priority: -10 }, [])).toMatchObject({ request: { priority: -10 } });
  expect(readForm({ ...values, priority: 1000 }, [])).toHaveProperty("problems.priority");
});
