import { ProgressReporter } from "../progress.ts";
import type { MetricPoint, TrainerEvent } from "../trainer.ts";
import type { PythonMessage, ToldFigure } from "./messages.ts";

/** Turns what the Python process measures into the hub's events, with the times at which it was measured. */
export class ToldProgress {
  #at = Date.now();
  readonly #reporter: ProgressReporter;

  constructor(onEvent: (event: TrainerEvent) => void) {
    this.#reporter = new ProgressReporter(onEvent, () => this.#at);
    this.#reporter.phase("preparing");
  }

  /** Takes a message that is about progress; the others are none of its concern. */
  take(message: PythonMessage): void {
    switch (message.type) {
      case "log":
        return this.#reporter.log(message.line);
      case "begun": {
        const { step, steps, first_loss, last_loss, validation_loss, told } = message;
        this.#reporter.repeat({ metrics: told.flatMap(pointsOf), samples: [] });
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
        return this.#reporter.step({ step, loss, tokens, milliseconds, learningRate, gradientNorm });
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
