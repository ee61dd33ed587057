import type { JobGuard } from "@hearth/wire/hub/training-queue";
import { z } from "zod";
import { HearthError } from "../../errors.ts";

/** A run that diverged at one step and was put back after another, from where on it has half the rate. */
export const wentBackSchema = z.strictObject({ at: z.int().min(1), to: z.int().min(0) });
export type WentBack = z.infer<typeof wentBackSchema>;

/** Loss or gradients that are no finite numbers; the run cannot go on from where it is. */
export class Diverged extends HearthError {
  readonly step: number;
  readonly wentBack: WentBack | null;

  constructor(
    step: number,
    figures: { loss: number; gradientNorm: number; rate: number },
    before: { lastLoss: number | null; wentBack: WentBack | null },
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

/**
 * Runs a training and, where it diverges and there is a way back, once more from there, which is told.
 *
 * @param way the whole training; given where it goes on from, it forgets all checkpoints after that, and has the rate
 *   times {@link slowerBy} in every later step. It throws {@link Diverged}
 */
export async function trainWithOneWayBack<T>(
  way: (wentBack: WentBack | null) => Promise<T>,
  checkpointEvery: number,
  progress: {
    guard: (guard: Omit<JobGuard, "at">, wentBackTo?: number) => void;
    rewind: (step: number) => void;
  },
): Promise<T> {
  for (let wentBack: WentBack | null = null; ;) {
    try {
      return await way(wentBack);
    } catch (error) {
      if (!(error instanceof Diverged)) throw error;
      const { message, step } = error;
      const back: WentBack | null = wentBack === null ? wayBack(error, checkpointEvery) : null;
      if (back === null) {
        progress.guard({ kind: "not_finite", action: "stopped", step, message });
        throw error;
      }
      progress.guard(
        { kind: "not_finite", action: "went_back", step, message: wordsOf(error, back) },
        back.to,
      );
      progress.rewind(back.to);
      wentBack = back;
    }
  }
}

function wordsOf({ message }: Diverged, { to }: WentBack): string {
  const place = to === 0 ? "the beginning" : `the checkpoint of step ${to}`;
  return `${message.split(". ")[0] ?? ""}. The run went back to ${place} and has half the learning rate from there on; a second time it ends.`;
}

/** What a version's lineage says of a run that did not go straight. */
export function wayTaken(wentBack: WentBack | null): Record<string, string> {
  return wentBack === null
    ? {}
    : { went_back: `from step ${wentBack.at} to ${wentBack.to}, at half the rate` };
}
