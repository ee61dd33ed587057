import { expect, test } from "vitest";
import type { TrainerEvent } from "./trainer.ts";
import { metricOf } from "./onnx/testing/tiny-base.ts";
import { ProgressReporter } from "./progress.ts";

test("sends at most four events a second, every step's figures, and the time that is left", () => {
  const events: TrainerEvent[] = [];
  let now = 1_000_000;
  const reporter = new ProgressReporter(
    (event) => events.push(event),
    () => now,
  );
  reporter.phase("training", { steps: 1000 });
  for (let step = 1; step <= 400; step++) {
    now += 10;
    reporter.step({ step, loss: 5 / step, learningRate: 0.1, gradientNorm: 1, tokens: 50, milliseconds: 10 });
  }
  expect(events).toHaveLength(1 + 16);
  reporter.flush();
  expect(metricOf(events, "loss").size).toBe(400);
  expect(metricOf(events, "loss").get(400)).toBe(5 / 400);
  const last = events.at(-1);
  expect(last).toMatchObject({
    type: "progress",
    progress: {
      step: 400,
      steps: 1000,
      loss: 5 / 400,
      first_loss: 5,
      tokens_per_second: 5000,
      seconds_left: 6,
    },
  });
});

test("a heartbeat is sent only where nothing else was", () => {
  const events: TrainerEvent[] = [];
  let now = 0;
  const reporter = new ProgressReporter(
    (event) => events.push(event),
    () => now,
  );
  reporter.phase("exporting");
  reporter.heartbeat();
  expect(events).toHaveLength(1);
  now += 1000;
  reporter.heartbeat();
  reporter.heartbeat();
  expect(events.map((event) => event.type)).toEqual(["progress", "heartbeat"]);
});
