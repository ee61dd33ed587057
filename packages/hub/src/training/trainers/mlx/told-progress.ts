import { reportSpike, SpikeWatch } from "../loss-spikes.ts";
import { ProgressReporter } from "../progress.ts";
import type { MetricPoint, TrainerEvent } from "../trainer.ts";
import type { PythonMessage, ToldFigure } from "./messages.ts";

/**
 * Turns what the Python process measures into the hub's events, with the times at which it was measured, and watches
 * for spikes of the loss.
 */
export class ToldProgress {
  #at = Date.now();
  readonly #reporter: ProgressReporter;
  #spikes = new SpikeWatch();
  #step = 0;
  /** Whether what comes before a checkpoint was told by this one. */
  #hasTold = false;

  constructor(onEvent: (event: TrainerEvent) => void) {
    this.#reporter = new ProgressReporter(onEvent, () => this.#at);
    this.#reporter.phase("preparing");
  }

  /** Says what a guard did; see {@link ProgressReporter.guard}. */
  guard(...told: Parameters<ProgressReporter["guard"]>): void {
    this.#reporter.guard(...told);
  }

  /** The last step that was told. */
  get step(): number {
    return this.#step;
  }

  /** Forgets what was measured after a step: another process does it again. */
  rewind(step: number): void {
    this.#hasTold = true;
    this.#step = step;
    this.#reporter.rewind(step);
  }

  /** Takes a message that is about progress; the others are none of its concern. */
  take(message: PythonMessage): void {
    switch (message.type) {
      case "log":
        return this.#reporter.log(message.line);
      case "begun": {
        const { step, steps, first_loss, last_loss, validation_loss, told } = message;
        this.#step = step;
        this.#spikes = new SpikeWatch(told.flatMap((one) => (one.type === "step" ? [one.loss] : [])));
        if (!this.#hasTold) this.#reporter.repeat({ metrics: told.flatMap(pointsOf), samples: [] });
        return this.#reporter.phase("training", {
          step,
          steps,
          first_loss,
          loss: last_loss,
          validation_loss,
        });
      }
      case "step": {
        this.#at = message.timestamp;
        const { step, loss, tokens, milliseconds } = message;
        const { learning_rate: learningRate, gradient_norm: gradientNorm } = message;
        this.#step = step;
        this.#reporter.step({ step, loss, tokens, milliseconds, learningRate, gradientNorm });
        return reportSpike(this.#spikes, { step, loss }, this.#reporter);
      }
      case "validation":
        this.#at = message.timestamp;
        return this.#reporter.validation(message.step, message.loss);
      case "sample":
        return this.#reporter.sample(message.sample);
      case "exporting":
        return this.#reporter.phase("exporting");
      case "ready":
      case "result":
      case "diverged":
      case "failed":
      case "cancelled":
      case "stopped":
        return;
    }
  }
}

/** The points that the reporter makes of a figure, but for the speed, which is of many. */
function pointsOf(told: ToldFigure): MetricPoint[] {
  const { step, timestamp } = told;
  const values =
    told.type === "validation"
      ? { validation_loss: told.loss }
      : { loss: told.loss, learning_rate: told.learning_rate, gradient_norm: told.gradient_norm };
  return Object.entries(values).map(([key, value]) => ({ key, value, step, timestamp }));
}
