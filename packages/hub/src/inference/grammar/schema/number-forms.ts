import { decimalOf, floorDivision, isMultiple, unitsOf } from "./decimal.ts";
import type { Decimal } from "./decimal.ts";
import { numberFormats } from "./formats.ts";
import { decimalsBetween, integersBetween } from "./number-ranges.ts";
import { refuse } from "./refusal.ts";
import type { SchemaNode } from "./schema-node.ts";
import type { Conjunction } from "./schema-source.ts";
import type { Form } from "./shape.ts";

/** As many digits as every double keeps apart. */
const keptDigits = 15;
/** Integers have one more, as any JSON integer of ours. */
const largestInteger = 10n ** 16n - 1n;
/** Digits before the point where a bound is missing on one side. */
const openDigits = 9;
/** Enough behind the point where the bounds do not ask for more. */
const usualPlaces = 10;
const mostMultiples = 1000;
const largestStep = 100;

interface Bound {
  value: Decimal;
  exclusive: boolean;
}

/** The numbers, or only the integers, that all of these take; null when there are none. */
export function numberForm(nodes: Conjunction, integers: boolean): Form | null {
  const lower = boundsOf(nodes, "minimum", "exclusiveMinimum", 0);
  const upper = boundsOf(nodes, "maximum", "exclusiveMaximum", 1);
  const steps = [...new Set(nodes.flatMap((node) => node.number.multipleOf ?? []))];
  const stepNode = nodes.find((node) => node.number.multipleOf !== undefined);
  const whole = integers || steps.some((step) => Number.isInteger(step));
  if (whole) return integerForm(lower, upper, steps.map(wholeStep), stepNode);
  if (steps.length > 0) return decimalSteps(lower, upper, steps, stepNode);
  if (lower.length === 0 && upper.length === 0) return { kind: "number", expression: null };
  return decimalForm(lower, upper, null);
}

/** Does a number satisfy what these ask of numbers? */
export function numberTaken(nodes: Conjunction, value: number): boolean {
  return nodes.every(({ number, format }) => {
    const [least, most] = numberFormats.get(format ?? "") ?? [-Infinity, Infinity];
    return (
      value >= Math.max(number.minimum ?? -Infinity, least) &&
      value <= Math.min(number.maximum ?? Infinity, most) &&
      value > (number.exclusiveMinimum ?? -Infinity) &&
      value < (number.exclusiveMaximum ?? Infinity) &&
      (number.multipleOf === undefined || isMultiple(value, number.multipleOf))
    );
  });
}

function boundsOf(
  nodes: Conjunction,
  inclusive: "minimum" | "maximum",
  exclusive: "exclusiveMinimum" | "exclusiveMaximum",
  side: 0 | 1,
): Bound[] {
  return nodes.flatMap(({ number, format }) => {
    const bounds: Bound[] = [];
    const [at, beyond] = [number[inclusive], number[exclusive]];
    const ofFormat = numberFormats.get(format ?? "")?.[side];
    if (at !== undefined) bounds.push({ value: decimalOf(at), exclusive: false });
    if (beyond !== undefined) bounds.push({ value: decimalOf(beyond), exclusive: true });
    if (ofFormat !== undefined) bounds.push({ value: decimalOf(ofFormat), exclusive: false });
    return bounds;
  });
}

/** The smallest whole multiple of a step: its numerator. */
function wholeStep(step: number): bigint {
  const { digits, places } = decimalOf(step);
  return digits / greatestDivisor(digits, 10n ** BigInt(places));
}

function integerForm(
  lower: readonly Bound[],
  upper: readonly Bound[],
  steps: readonly bigint[],
  stepNode: SchemaNode | undefined,
): Form | null {
  const step = steps.reduce((one, other) => (one / greatestDivisor(one, other)) * other, 1n);
  const limit = step === 1n ? largestInteger : 10n ** BigInt(keptDigits) - 1n;
  const low = largest([-limit, ...lower.map((bound) => lowUnits(bound, 0))]);
  const high = smallest([limit, ...upper.map((bound) => highUnits(bound, 0))]);
  if (low > high) return null;
  if (step === 1n) return { kind: "number", expression: integersBetween(low, high) };
  const [first, last] = [-floorDivision(-low, step), floorDivision(high, step)];
  if (last - first < mostMultiples) return multiples(first, last, step, 0);
  const open = high === limit && (low === -limit || low === 0n || low === 1n);
  if (open && step <= largestStep) {
    return { kind: "multiple", of: Number(step), negative: low < 0n, zero: low <= 0n };
  }
  return refuse(
    `${stepNode?.field}.multipleOf`,
    `can be enforced up to ${largestStep} without bounds, or where minimum and maximum leave at most ${mostMultiples} values. Narrow the bounds or remove it.`,
  );
}

function decimalSteps(
  lower: readonly Bound[],
  upper: readonly Bound[],
  steps: readonly number[],
  stepNode: SchemaNode | undefined,
): Form | null {
  const [step, second] = steps.map(decimalOf);
  if (step !== undefined && second === undefined) {
    if (step.digits === 1n) return decimalForm(lower, upper, step.places);
    const low = lower.map((bound) => lowUnits(bound, step.places));
    const high = upper.map((bound) => highUnits(bound, step.places));
    if (low.length > 0 && high.length > 0) {
      const first = -floorDivision(-largest(low), step.digits);
      const last = floorDivision(smallest(high), step.digits);
      if (last < first) return null;
      if (last - first < mostMultiples) return multiples(first, last, step.digits, step.places);
    }
  }
  return refuse(
    `${stepNode?.field}.multipleOf`,
    `can be enforced for 0.1, 0.01 and so on, for whole numbers, and where minimum and maximum leave at most ${mostMultiples} values. Add bounds or remove it.`,
  );
}

function multiples(first: bigint, last: bigint, step: bigint, places: number): Form | null {
  const values: number[] = [];
  for (let count = first; count <= last; count++) values.push(Number(`${count * step}e-${places}`));
  return values.length === 0 ? null : { kind: "values", values };
}

/** Numbers without an exponent, of so few digits that no two of them, and none and a bound, are the same double. */
function decimalForm(
  lower: readonly Bound[],
  upper: readonly Bound[],
  mostPlaces: number | null,
): Form | null {
  const bounds = [...lower, ...upper].filter(({ value }) => wholeDigits(value) <= keptDigits);
  const open = lower.length === 0 || upper.length === 0 ? openDigits : 1;
  const digits = Math.max(open, ...bounds.map(({ value }) => wholeDigits(value)));
  const wished = Math.max(usualPlaces, ...bounds.map(({ value }) => value.places));
  const places = Math.min(keptDigits - digits, wished, mostPlaces ?? wished);
  const limit = 10n ** BigInt(digits + places) - 1n;
  const low = largest([-limit, ...lower.map((bound) => lowUnits(bound, places))]);
  const high = smallest([limit, ...upper.map((bound) => highUnits(bound, places))]);
  return low > high ? null : { kind: "number", expression: decimalsBetween(low, high, places) };
}

function wholeDigits({ digits, places }: Decimal): number {
  const whole = (digits < 0n ? -digits : digits) / 10n ** BigInt(places);
  return whole.toString().length;
}

/** The lowest count of units that the bound allows; one more where rounding could hide the difference. */
function lowUnits({ value, exclusive }: Bound, places: number): bigint {
  if (!exclusive) return unitsOf(value, places, "up");
  return unitsOf(value, places, "down") + (value.places > places && places > 0 ? 2n : 1n);
}

function highUnits({ value, exclusive }: Bound, places: number): bigint {
  if (!exclusive) return unitsOf(value, places, "down");
  return unitsOf(value, places, "up") - (value.places > places && places > 0 ? 2n : 1n);
}

function greatestDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : greatestDivisor(other, one % other);
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce((one, other) => (one > other ? one : other));
}

function smallest(values: readonly bigint[]): bigint {
  return values.reduce((one, other) => (one < other ? one : other));
}
