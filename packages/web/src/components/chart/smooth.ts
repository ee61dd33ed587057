/**
 * Exponential moving average, freed of its bias towards the zero it starts from (Kingma & Ba, 2014, section 3).
 * `weight` in [0, 1): 0 changes nothing. What is not a number stays a gap and is not averaged in.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let average = 0;
  let known = 0;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    known += 1;
    average = average * weight + value * (1 - weight);
    return average / (1 - weight ** known);
  });
}
