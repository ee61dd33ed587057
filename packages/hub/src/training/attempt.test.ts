import { getEventListeners } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainingParameters } from "@hearth/wire/hub/training";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runAttempt } from "./attempt.ts";
import type { AttemptOptions } from "./attempt.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-attempt-"));
  await mkdir(join(home, "job"));
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

function optionsOf(modelName: string, signals: Pick<AttemptOptions, "cancel" | "release" | "pause">) {
  let following = 0;
  const options: AttemptOptions = {
    ...signals,
    launch: { module: new URL("tests/trainer-child.ts", import.meta.url) },
    specification: {
      parameters: trainingParameters.parse({ epochs: 2 }),
      base: null,
      dataset: { format: "chat", train: "train.jsonl", validation: null },
      modelName,
    },
    attempt: { folder: join(home, "job"), threads: 1, memoryLimitBytes: 2 ** 32 },
    logFile: join(home, "trainer.log"),
    recordsFolder: join(home, "run"),
    readyTimeoutMs: 60_000,
    heartbeatTimeoutMs: 60_000,
    cancelGraceMs: 2_000,
    releaseGraceMs: 5_000,
    pauseGraceMs: 5_000,
    followPace: () => {
      following += 1;
      return () => (following -= 1);
    },
    onStart: () => undefined,
    onProgress: () => undefined,
    onLog: () => undefined,
    onSample: () => undefined,
    onGuard: () => undefined,
  };
  return { options, following: () => following };
}

test("an attempt leaves nothing with the signals of its hub, which outlives thousands of them", async () => {
  const [cancel, release, pause] = [new AbortController(), new AbortController(), new AbortController()];
  const signals = { cancel: cancel.signal, release: release.signal, pause: pause.signal };
  const finished = optionsOf("steady", signals);
  expect(await runAttempt(finished.options)).toMatchObject({ kind: "result" });
  const crashed = optionsOf("empty", signals);
  expect(await runAttempt(crashed.options)).toMatchObject({ kind: "failed" });
  for (const signal of Object.values(signals)) expect(getEventListeners(signal, "abort")).toHaveLength(0);
  expect([finished.following(), crashed.following()]).toEqual([0, 0]);
}, 60_000);
