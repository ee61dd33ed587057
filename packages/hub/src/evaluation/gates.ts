import type { GateCheck, NeededEvaluation } from "@hearth/wire/hub/models";
import type { GateExpression, GateOperator } from "./gate-expression.ts";
import { formatGate, formatMeasured } from "./gate-expression.ts";
import type { Interval } from "./statistics/bootstrap.ts";

export type { GateCheck } from "@hearth/wire/hub/models";

/** A measured value, and on what; null for what came from training itself. */
export interface Measured {
  value: number;
  /** Null where it has none. */
  interval: Interval | null;
  on: { evaluationId: string; datasetId: string; dataset: string; split: string; rows: number } | null;
}

/** What a gate needs to know of a model. */
export interface GateSubject {
  /** The version that wants the alias. */
  candidate: number;
  /** The newest value of a version's metric, on the same data as `on` when it is given; null when there is none. */
  measure(version: number, metric: string, on: Measured["on"]): Promise<Measured | null>;
  /** The version that an alias names. */
  versionOf(alias: string): number | null;
  /** What to evaluate so that the version has the metric: on the same data as `on`, or as the `other` version was. */
  needed(
    version: number,
    metric: string,
    like: { on: Measured["on"]; other: number | null },
  ): Promise<NeededEvaluation | null>;
  /** How far the metric of one evaluation is ahead of the other's, by pairs of rows; null where that cannot be told. */
  difference(
    metric: string,
    candidate: NonNullable<Measured["on"]>,
    reference: NonNullable<Measured["on"]>,
  ): Promise<GateCheck["difference"]>;
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
  const { metric, operator, threshold, bound } = gate;
  const { candidate: number } = subject;
  const what = formatMeasured(gate);
  const alias = threshold.kind === "alias" ? subject.versionOf(threshold.alias) : null;
  const candidate = await subject.measure(number, metric, null);
  const value = candidate === null || bound === undefined ? candidate?.value : candidate.interval?.[bound];
  const result = (passed: boolean, limit: number | null, reason: string): GateCheck => ({
    expression: formatGate(gate),
    metric,
    value: value ?? null,
    threshold: limit,
    passed,
    reason,
    difference: null,
    needed: null,
  });
  if (candidate === null || value === undefined) {
    const needed = await subject.needed(number, metric, { on: candidate?.on ?? null, other: alias });
    const why = candidate === null ? "has not been measured" : "has no confidence interval";
    const fallback = needed ?? { model: `version ${number}`, dataset: null };
    return {
      ...result(false, null, `${metric} of version ${number} ${why}; ${howToMeasure(fallback)}`),
      needed,
    };
  }
  const compare = (limit: number, words: string): GateCheck => {
    const passed = comparisons[operator](value, limit);
    return result(passed, limit, `${what} is ${shown(value)}, ${passed ? "" : "not "}${operator} ${words}`);
  };
  if (threshold.kind === "number") return compare(threshold.value, shown(threshold.value));

  if (alias === null) {
    const empty = `'${threshold.alias}' names no version yet`;
    return threshold.orEmpty
      ? result(true, null, `${what} is ${shown(value)}; ${empty}`)
      : result(false, null, `${empty}; require a number, or add 'or empty' to the gate`);
  }
  const reference = await subject.measure(alias, metric, candidate.on);
  if (reference === null) {
    const on =
      candidate.on === null
        ? ""
        : ` on the ${candidate.on.rows} rows of ${candidate.on.dataset}/${candidate.on.split}`;
    const needed = await subject.needed(alias, metric, { on: candidate.on, other: number });
    return {
      ...result(
        false,
        null,
        `${metric} of '${threshold.alias}' (version ${alias}) has not been measured${on}; ${howToMeasure(needed ?? { model: `version ${alias}`, dataset: null })}`,
      ),
      needed,
    };
  }
  const limit = reference.value + threshold.offset;
  const offset =
    threshold.offset === 0 ? "" : ` ${threshold.offset < 0 ? "−" : "+"} ${shown(Math.abs(threshold.offset))}`;
  const check = compare(
    limit,
    `${shown(limit)} (version ${alias}, '${threshold.alias}': ${shown(reference.value)}${offset})`,
  );
  if (candidate.on === null || reference.on === null || alias === number) return check;
  const difference = await subject.difference(metric, candidate.on, reference.on);
  if (difference === null) return check;
  const { low, high } = difference;
  return {
    ...check,
    difference,
    reason: `${check.reason}; on the same rows it differs by ${shown(difference.value)} (95 %: ${shown(low)} to ${shown(high)})`,
  };
}

/** The command that gives the missing figure. */
function howToMeasure(
  needed: Pick<NeededEvaluation, "model"> & (NeededEvaluation | { dataset: null }),
): string {
  if (needed.dataset === null) return `evaluate it first, on the data that it is to be judged by`;
  const { model, dataset, split, limit, scorer_files: files } = needed;
  const more = [...(limit === null ? [] : [`--limit ${limit}`]), ...files.map((file) => `--scorer ${file}`)];
  return `evaluate it first: ${[`hearth eval ${model} --dataset ${dataset} --split ${split}`, ...more].join(" ")}`;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
