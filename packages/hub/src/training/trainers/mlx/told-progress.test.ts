import { expect, test } from "vitest";
import { metricOf } from "../onnx/testing/tiny-base.ts";
import { guardsOf } from "../testing/outcome.ts";
import type { TrainerEvent } from "../trainer.ts";
import { pythonMessage } from "./messages.ts";
import { ToldProgress } from "./told-progress.ts";

function listen() {
  const events: TrainerEvent[] = [];
  const progress = new ToldProgress((event) => events.push(event));
  /** As it comes from the other process: text that is parsed. */
  const say = (message: Record<string, unknown>) =>
    progress.take(pythonMessage.parse(JSON.parse(JSON.stringify(message))));
  return { events, progress, say };
}

const begun = (step: number, told: readonly unknown[] = []) => ({
  type: "begun",
  step,
  steps: 100,
  first_loss: null,
  last_loss: null,
  validation_loss: null,
  told,
});
const stepOf = (step: number, loss = 1 + 0.01 * (step % 5)) => ({
  type: "step",
  timestamp: step,
  step,
  loss,
  learning_rate: 0.1,
  gradient_norm: 1,
  tokens: 8,
  milliseconds: 1,
});
const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => stepOf(from + index));

test("a loss that stands out is told as a spike, also when what it stands out of came before a checkpoint", () => {
  const { events, say } = listen();
  say(begun(30, steps(1, 30)));
  say(stepOf(31));
  expect(guardsOf(events)).toEqual([]);
  say(stepOf(32, 9));
  say(stepOf(33, 9));
  expect(guardsOf(events)).toMatchObject([{ guard: { kind: "loss_spike", action: "reported", step: 32 } }]);
  expect(guardsOf(events)[0]?.guard.message).toMatch(/the loss is 9\.0000; .*median is 1\.0200/);
});

test("after a run was put back, what was told before is not told again, and spikes are compared with it", () => {
  const { events, progress, say } = listen();
  say(begun(0));
  for (const one of steps(1, 35)) say(one);
  progress.guard({ kind: "not_finite", action: "went_back", step: 36, message: "" }, 30);
  progress.rewind(30);
  const before = events.length;
  say(begun(30, steps(1, 30)));
  expect(metricOf(events.slice(before), "loss").size).toBe(0);
  expect(progress.step).toBe(30);
  say(stepOf(31, 9));
  expect(guardsOf(events).map(({ guard }) => guard.kind)).toEqual(["not_finite", "loss_spike"]);
});

test("a validation that gave no number is told as what it is", () => {
  const { events, progress, say } = listen();
  say({ type: "validation", timestamp: 1, step: 1, loss: "Infinity" });
  progress.guard({ kind: "not_finite", action: "stopped", step: 1, message: "" });
  expect(metricOf(events, "validation_loss").get(1)).toBe(Infinity);
});
