import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TrainerCommand, TrainerEvent } from "../trainers/trainer.ts";

/**
 * A trainer for the tests of the hub's side: speaks the real messages, computes nothing.
 * The name of the model says how it behaves; `epochs` is its number of steps.
 */
type Train = Extract<TrainerCommand, { type: "train" }>;

let cancelled = false;

function tell(
  event: TrainerEvent | { type: string; [field: string]: unknown },
  then: () => void = () => undefined,
): void {
  process.send?.(event, undefined, undefined, () => then());
}

function train({ specification, attempt }: Train): void {
  const behaviour = specification.modelName;
  const checkpoint = join(attempt.folder, "checkpoint.json");
  const resumedFrom = existsSync(checkpoint) ? Number(readFileSync(checkpoint, "utf8")) : 0;
  const endless = behaviour.startsWith("endless") && resumedFrom === 0;
  const steps = endless ? 1_000_000 : Math.max(specification.parameters.epochs, resumedFrom + 2);
  let step = resumedFrom;
  let wentBack = false;

  const next = (): void => {
    if (cancelled && behaviour !== "endless-deaf") return tell({ type: "cancelled" });
    if (step === steps) return finish();
    step += 1;
    const loss = behaviour === "nan" && step === 3 ? Number.NaN : 4 / step;
    tell({ type: "log", line: `step ${step}` });
    tell({
      type: "progress",
      progress: {
        phase: "training",
        step,
        steps,
        loss,
        first_loss: 4,
        validation_loss: null,
        learning_rate: 1e-3,
        tokens_per_second: 1000,
        seconds_left: steps - step,
      },
      metrics: [{ key: "loss", value: loss, step, timestamp: Date.now() }],
    });
    writeFileSync(checkpoint, String(step));
    if (behaviour === "guarded" && step === 3 && !wentBack) {
      for (let again = 0; again < 2; again++)
        tell({
          type: "guard",
          guard: { kind: "loss_spike", action: "reported", step: 3, message: "the loss is 9" },
        });
      tell({
        type: "guard",
        guard: { kind: "not_finite", action: "went_back", step: 3, message: "back to step 1" },
        wentBackTo: 1,
      });
      wentBack = true;
      step = 1;
    }
    if (step === 2 && behaviour === "crashes-once" && resumedFrom === 0) process.kill(process.pid, "SIGKILL");
    if (step >= resumedFrom + 2 && behaviour === "crashes") {
      process.stderr.write("terminate called: out of tensors\n", () => process.abort());
      return;
    }
    setTimeout(next, endless ? 5 : 0);
  };

  const finish = (): void => {
    const bytes = createHash("sha256").update(JSON.stringify(specification.parameters)).digest("hex");
    writeFileSync(
      join(attempt.folder, "adapter.gguf"),
      bytes + (behaviour === "drifts" ? String(process.pid) : ""),
    );
    writeFileSync(join(attempt.folder, "adapter.safetensors"), "weights");
    const hostile = behaviour === "hostile";
    tell(
      {
        type: "result",
        result: {
          engineFile: hostile ? "../adapter.gguf" : "adapter.gguf",
          files: hostile ? ["../adapter.gguf"] : ["adapter.gguf", "adapter.safetensors"],
          kind:
            (specification.parameters.recipe === "lora") !== (behaviour === "mistaken") ? "adapter" : "full",
          probes: [
            {
              promptTokens: [1, 2],
              expectedTokens: behaviour === "unprobed" ? [] : [behaviour === "differs" ? 13 : 3],
            },
          ],
          metrics: {
            first_loss: 4,
            last_loss: 4 / step,
            tokens_per_second: 1000,
            trained_tokens: 100,
            peak_memory_bytes: process.memoryUsage.rss(),
            steps: step,
          },
          environment: { trainer: "test", resumed_from: String(resumedFrom) },
        },
      },
      () => process.disconnect(),
    );
  };

  switch (behaviour) {
    case "garbage":
      return tell({ type: "progress", progress: "very good" });
    case "empty":
      return process.disconnect();
    case "silent":
      return;
    case "busy":
      computeFor(2_000);
      return next();
    case "full-disk":
      return tell({
        type: "failed",
        error: { code: "resource_exhausted", message: "ENOSPC: no space left on device", details: {} },
      });
    case "odd":
      return tell({ type: "failed", error: { code: "weather", message: "it rains", details: {} } });
    default:
      next();
  }
}

process.on("message", (command: TrainerCommand) => {
  if (command.type === "cancel") cancelled = true;
  if (command.type === "train") train(command);
  if (command.type === "pace") tell({ type: "log", line: `pace ${command.share}` });
});
// The real one writes its checkpoint at a step's end; this one always has one.
process.on("SIGTERM", () => process.disconnect());
tell({ type: "ready" });

/** Keeps the event loop busy, as a step of a large model does. */
function computeFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
