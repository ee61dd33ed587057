/**
 * Steps whose value is the largest of all within `span` steps on both sides: wherever spans of at most that width
 * begin, such a step is the maximum of the one that it falls into. For minima negate the values.
 *
 * @param valueAt of steps from 0 to `count`; no two alike
 */
export function peaks(count: number, span: number, valueAt: (step: number) => number): number[] {
  const found: number[] = [];
  // Steps of the window in the order of their values, largest first; older smaller ones are gone.
  const window = new Int32Array(count);
  let head = 0;
  let tail = 0;
  for (let step = 0; step < count + span; step += 1) {
    if (step < count) {
      const value = valueAt(step);
      while (tail > head && valueAt(window[tail - 1] ?? 0) < value) tail -= 1;
      window[tail] = step;
      tail += 1;
    }
    const middle = step - span;
    while (tail > head && (window[head] ?? 0) < middle - span) head += 1;
    if (middle >= 0 && tail > head && window[head] === middle) found.push(middle);
  }
  return found;
}
