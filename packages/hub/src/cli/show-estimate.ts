import type { JobEstimate } from "@hearth/wire/hub/training";
import { formatBytes, formatDuration, type Output } from "./output.ts";

/** Prints what a job needs, before it is queued: its trainer, memory, disk and time, and what is odd about its rows. */
export function showEstimate(output: Output, estimate: JobEstimate): void {
  const { trainer, trainer_reason, memory_bytes: memory, disk_bytes: disk, steps, seconds } = estimate;
  output.line(`trainer ${trainer}: ${trainer_reason}`);
  const needed = memory === null ? "memory not known of this base" : `about ${formatBytes(memory)} of memory`;
  const allowed = `${formatBytes(estimate.budget_bytes)} allowed, ${formatBytes(estimate.free_bytes)} of it free`;
  output.line(
    `needs ${needed} (${allowed})${disk === null ? "" : ` and ${formatBytes(disk)} on the disk at most`}`,
  );
  const counted = steps === null ? "steps counted when the text is read" : `${steps} steps`;
  const time = seconds === null ? "" : `, about ${formatDuration(seconds)}`;
  output.line(`${counted}${time}: ${estimate.time_basis}`);
  for (const warning of estimate.warnings) output.note(`warning: ${warning}`);
}
