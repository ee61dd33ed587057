import { HearthError } from "../../../../errors.ts";
import type { RunRecord, WentBack } from "./checkpoint.ts";

/** Loss or gradients that are no finite numbers. Nothing of the step was applied. */
export class Diverged extends HearthError {
  readonly step: number;
  readonly wentBack: WentBack | null;

  constructor(
    step: number,
    figures: { loss: number; gradientNorm: number; rate: number },
    before: RunRecord,
  ) {
    const { loss, gradientNorm, rate } = figures;
    const { lastLoss, wentBack } = before;
    const what = Number.isFinite(loss) ? `the gradients' norm is ${gradientNorm}` : `the loss is ${loss}`;
    const after = lastLoss === null ? "at the first step" : `after a loss of ${lastLoss.toFixed(4)}`;
    const again =
      wentBack === null
        ? ""
        : ` It had diverged at step ${wentBack.at} before, and half the rate from step ${wentBack.to} on did not help.`;
    super(
      "training_failed",
      `Training diverged at step ${step}: ${what}, ${after}, with a learning rate of ${rate.toPrecision(3)}.${again} Lower learning_rate (a third is a good try) or clip_norm, or raise warmup_ratio.`,
      {
        details: {
          step,
          loss: String(loss),
          gradient_norm: String(gradientNorm),
          learning_rate: rate,
          last_loss: lastLoss,
          ...(wentBack === null ? {} : { went_back: wentBack }),
        },
      },
    );
    this.step = step;
    this.wentBack = wentBack;
  }
}

/** What the rate is multiplied by after a run was put back. */
export const slowerBy = 0.5;

/**
 * Where a run that diverged goes on from: the last checkpoint that was due with at least one update between it and
 * the step, or the beginning. It depends on the step only, never on which checkpoints an interruption happened to
 * leave, so that the same job goes the same way again. Null when there is no such place: it went back once already,
 * or the first loss of all is no number, which no rate changes.
 */
export function wayBack({ step, wentBack }: Diverged, checkpointEvery: number): WentBack | null {
  if (wentBack !== null || step < 2) return null;
  return { at: step, to: Math.floor((step - 2) / checkpointEvery) * checkpointEvery };
}
