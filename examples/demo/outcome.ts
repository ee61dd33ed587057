import { formatBytes, formatPercent, formatTable } from "../../packages/hub/src/cli/output.ts";
import type { Outcome } from "./main-job.ts";

/** The table for people, on stderr: stdout belongs to the result line. */
export function printOutcome(outcome: Outcome, url: string, seconds: number): void {
  const { accuracy, loss, answer, version } = outcome;
  const rows = [
    ["time", `${seconds.toFixed(0)} s in all`],
    ["dataset", `${outcome.dataset.rows} rows, sha256 ${outcome.dataset.checksum}`],
    ["version", `${version.model}:${version.version}, champion`],
    ["adapter", `sha256 ${version.sha256}`],
    [
      "trained on",
      `${version.lineage.base?.reference}, run ${version.lineage.run_id}, commit ${version.lineage.code.commit ?? "unknown"}`,
    ],
    ["loss", `${loss.first.toFixed(3)} → ${loss.last.toFixed(3)}`],
    ["accuracy (test split)", `${formatPercent(accuracy.base)} → ${formatPercent(accuracy.tuned)}`],
    ["training speed", `${outcome.trainTokensPerSecond.toFixed(0)} tokens/s`],
    [
      "one answer",
      `"${answer.text}" (expected "${answer.expected}"), first token after ${answer.ttftMs.toFixed(0)} ms, ${answer.tokensPerSecond.toFixed(0)} tokens/s`,
    ],
    ["answers counted", `${outcome.traces} in /metrics`],
    ["memory", `${formatBytes(outcome.memoryBytes)} (hub and engine)`],
    ["page", url],
  ];
  process.stderr.write(`\n${formatTable(["WHAT", "HAPPENED"], rows)}`);
}

/** The last line of `ONCE=1 make demo`. */
export function resultLine(
  outcome: Outcome | undefined,
  failure: unknown,
  seconds: number,
): Record<string, unknown> {
  if (!outcome || failure !== undefined) {
    return {
      ok: false,
      error: failure instanceof Error ? failure.message : String(failure),
      seconds: round(seconds, 1),
    };
  }
  return {
    ok: true,
    accuracy: { base: round(outcome.accuracy.base, 4), tuned: round(outcome.accuracy.tuned, 4) },
    loss: { first: round(outcome.loss.first, 4), last: round(outcome.loss.last, 4) },
    ttft_ms: round(outcome.answer.ttftMs, 1),
    train_tokens_per_second: Math.round(outcome.trainTokensPerSecond),
    adapter_sha256: outcome.version.sha256,
    seconds: round(seconds, 1),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
