/**
 * A figure over rows that can be computed for any resample of them. A resample is told by how often each row is in it
 * (`counts[i]`; all 1: the rows themselves), so that nothing is copied and figures of one resample belong together.
 */
export interface Statistic {
  name: string;
  /** Rows that say something about it. */
  rows: number;
  /** NaN where the resample has no such row. */
  of(counts: Uint32Array): number;
}

/**
 * Sum of `values` over sum of `weights`; a row without a value weighs nothing. With weights of 1 it is the mean,
 * with numbers of tokens the mean over tokens.
 */
export function weightedMean(
  name: string,
  values: readonly (number | null)[],
  weights?: readonly number[],
): Statistic {
  const weight = Float64Array.from(values, (value, row) => (value === null ? 0 : (weights?.[row] ?? 1)));
  const weighted = Float64Array.from(values, (value, row) => (value ?? 0) * (weight[row] ?? 0));
  return {
    name,
    rows: values.filter((value) => value !== null).length,
    of(counts) {
      let sum = 0;
      let total = 0;
      for (let row = 0; row < counts.length; row++) {
        const times = counts[row] ?? 0;
        sum += times * (weighted[row] ?? 0);
        total += times * (weight[row] ?? 0);
      }
      return sum / total;
    },
  };
}

/** Another statistic's value through a function, such as `exp`. */
export function through(name: string, statistic: Statistic, transform: (value: number) => number): Statistic {
  return { name, rows: statistic.rows, of: (counts) => transform(statistic.of(counts)) };
}

/**
 * The smallest value that at least `share` of the rows do not exceed; for a share of one half, where two are in the
 * middle, their mean. Rows with null say nothing.
 */
export function quantile(name: string, values: readonly (number | null)[], share: number): Statistic {
  const order: number[] = [];
  values.forEach((value, row) => {
    if (value !== null) order.push(row);
  });
  order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const rows = Uint32Array.from(order);
  const sorted = Float64Array.from(order, (row) => values[row] ?? 0);
  /** The value at a place, counted from 1. */
  const at = (counts: Uint32Array, place: number): number => {
    let passed = 0;
    for (let index = 0; index < rows.length; index++) {
      passed += counts[rows[index] ?? 0] ?? 0;
      if (passed >= place) return sorted[index] ?? Number.NaN;
    }
    return Number.NaN;
  };
  return {
    name,
    rows: order.length,
    of(counts) {
      let total = 0;
      for (const row of rows) total += counts[row] ?? 0;
      if (total === 0) return Number.NaN;
      const place = Math.max(1, Math.ceil(share * total));
      const value = at(counts, place);
      return share === 0.5 && total % 2 === 0 ? (value + at(counts, place + 1)) / 2 : value;
    },
  };
}

/**
 * The plain mean of the labels' F1 over those that are expected or answered in the rows; one with no right answer
 * counts 0. `expected` and `answered` are the labels' places; −1: none of them.
 */
export function macroF1(
  name: string,
  labels: number,
  expected: readonly number[],
  answered: readonly number[],
): Statistic {
  const wanted = Int32Array.from(expected);
  const given = Int32Array.from(answered);
  return {
    name,
    rows: wanted.length,
    of(counts) {
      // Of each label: rows that expect it and rows that answer it together, and those that are right.
      const named = new Float64Array(labels);
      const right = new Float64Array(labels);
      for (let row = 0; row < counts.length; row++) {
        const times = counts[row] ?? 0;
        const [want = -1, give = -1] = [wanted[row], given[row]];
        if (want >= 0) named[want] = (named[want] ?? 0) + times;
        if (give >= 0) named[give] = (named[give] ?? 0) + times;
        if (want >= 0 && want === give) right[want] = (right[want] ?? 0) + times;
      }
      let sum = 0;
      let occurring = 0;
      for (let label = 0; label < labels; label++) {
        const both = named[label] ?? 0;
        if (both === 0) continue;
        occurring += 1;
        sum += (2 * (right[label] ?? 0)) / both;
      }
      return occurring === 0 ? 0 : sum / occurring;
    },
  };
}
