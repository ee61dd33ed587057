import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { FigureDiff } from "@hearth/wire/hub/version-diff";

export interface Evaluated {
  version: ModelVersion;
  /** The newest first. */
  evaluations: readonly Evaluation[];
}

/** Every figure of the two versions and of their newest evaluations on the same rows, side by side. */
export function diffFigures(
  from: Evaluated,
  to: Evaluated,
  nameOf: (evaluation: Evaluation) => string,
): FigureDiff[] {
  const own = compare("training", from.version.metrics, to.version.metrics);
  const places = new Set([...from.evaluations, ...to.evaluations].map(placeOf));
  const judged = [...places].flatMap((place) => {
    const [one, other] = [newestAt(from, place), newestAt(to, place)];
    const either = one ?? other;
    return either === undefined ? [] : compare(nameOf(either), one?.metrics ?? {}, other?.metrics ?? {});
  });
  return [...own, ...judged];
}

/** The rows that an evaluation is on. */
export function placeOf({ dataset_id, split }: Evaluation): string {
  return `${dataset_id} ${split}`;
}

export function newestAt(
  { evaluations }: Evaluated,
  place: string,
  fits: (evaluation: Evaluation) => boolean = () => true,
): Evaluation | undefined {
  return evaluations.find((one) => placeOf(one) === place && fits(one));
}

function compare(group: string, from: Record<string, number>, to: Record<string, number>): FigureDiff[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].map((name) => {
    const [one, other] = [from[name] ?? null, to[name] ?? null];
    const difference = one === null || other === null ? null : other - one;
    return { group, name, from: one, to: other, difference };
  });
}
