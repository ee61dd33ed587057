import type { GateResult } from "@hearth/wire/hub/models";
import type { GateExpression, GateOperator } from "./gate-expression.ts";
import { formatGate } from "./gate-expression.ts";

export type GateCheck = GateResult["checks"][number];

/** A measured value, and on what; null for what came from training itself. */
export interface Measured {
  value: number;
  on: { datasetId: string; dataset: string; split: string; rows: number } | null;
}

/** What a gate needs to know of a model. */
export interface GateSubject {
  /** The version that wants the alias. */
  candidate: number;
  /** The newest value of a version's metric, on the same data as `on` when it is given; null when there is none. */
  measure(version: number, metric: string, on: Measured["on"]): Promise<Measured | null>;
  /** The version that an alias names. */
  versionOf(alias: string): number | null;
}

/** Differences below this are rounding of the arithmetic in the gate itself: 0.9 + 0.01 is not 0.91 in binary. */
const rounding = 1e-9;

const comparisons: Record<GateOperator, (value: number, threshold: number) => boolean> = {
  ">=": (value, threshold) => value >= threshold - rounding,
  ">": (value, threshold) => value > threshold + rounding,
  "<=": (value, threshold) => value <= threshold + rounding,
  "<": (value, threshold) => value < threshold - rounding,
  "==": (value, threshold) => Math.abs(value - threshold) <= rounding,
};

/**
 * Checks one gate. A metric that was not measured does not pass. A gate against an alias that
 * names no version does not pass either, unless it ends in `or empty`: that there is nothing to
 * beat is for the person to say. Two versions are compared on the same rows only.
 */
export async function checkGate(gate: GateExpression, subject: GateSubject): Promise<GateCheck> {
  const { metric, operator, threshold } = gate;
  const candidate = await subject.measure(subject.candidate, metric, null);
  const result = (passed: boolean, limit: number | null, reason: string): GateCheck => ({
    expression: formatGate(gate),
    metric,
    value: candidate?.value ?? null,
    threshold: limit,
    passed,
    reason,
  });
  if (candidate === null)
    return result(
      false,
      null,
      `${metric} of version ${subject.candidate} has not been measured; evaluate it first`,
    );
  const compare = (limit: number, what: string): GateCheck => {
    const passed = comparisons[operator](candidate.value, limit);
    return result(
      passed,
      limit,
      `${metric} is ${shown(candidate.value)}, ${passed ? "" : "not "}${operator} ${what}`,
    );
  };
  if (threshold.kind === "number") return compare(threshold.value, shown(threshold.value));

  const version = subject.versionOf(threshold.alias);
  if (version === null) {
    const empty = `'${threshold.alias}' names no version yet`;
    return threshold.orEmpty
      ? result(true, null, `${metric} is ${shown(candidate.value)}; ${empty}`)
      : result(false, null, `${empty}; require a number, or add 'or empty' to the gate`);
  }
  const reference = await subject.measure(version, metric, candidate.on);
  if (reference === null) {
    const on =
      candidate.on === null
        ? ""
        : ` on the ${candidate.on.rows} rows of ${candidate.on.dataset}/${candidate.on.split}`;
    return result(
      false,
      null,
      `${metric} of '${threshold.alias}' (version ${version}) has not been measured${on}; evaluate it there, too`,
    );
  }
  const limit = reference.value + threshold.offset;
  const offset =
    threshold.offset === 0 ? "" : ` ${threshold.offset < 0 ? "−" : "+"} ${shown(Math.abs(threshold.offset))}`;
  return compare(
    limit,
    `${shown(limit)} (version ${version}, '${threshold.alias}': ${shown(reference.value)}${offset})`,
  );
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
