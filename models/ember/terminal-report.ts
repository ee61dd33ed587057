import type { TrainerEvent } from "../../packages/hub/src/training/trainers/trainer.ts";

/** Prints a training's events: one line that is renewed on a terminal, a line every hundred steps elsewhere. */
export function terminalReport(): (event: TrainerEvent) => void {
  let printed = -1;
  return (event) => {
    if (event.type === "log") console.log(event.line);
    if (event.type !== "progress") return;
    const { phase, step, steps, loss, validation_loss, tokens_per_second, seconds_left } = event.progress;
    const line = [
      `${phase} ${step}/${steps}`,
      loss === null ? "" : `loss ${loss.toFixed(3)}`,
      validation_loss === null ? "" : `validation ${validation_loss.toFixed(3)}`,
      tokens_per_second === null ? "" : `${Math.round(tokens_per_second)} tokens/s`,
      seconds_left === null ? "" : `${Math.round(seconds_left)} s left`,
    ]
      .filter((part) => part !== "")
      .join("  ");
    if (process.stdout.isTTY) process.stdout.write(`\r\u001B[K${line}`);
    else if (Math.floor(step / 100) > printed) console.log(line);
    printed = Math.max(printed, Math.floor(step / 100));
  };
}
