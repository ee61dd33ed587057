import { createHash } from "node:crypto";
import { splitName, type DatasetDivision, type SplitName } from "@hearth/wire/hub/datasets";
import { HearthError } from "../../errors.ts";
import type { DatasetRow } from "../rows.ts";

/** Places of rows in a seeded order, 8 bytes a row. */
export class RowKeys {
  #keys = new Float64Array(1024);
  #count = 0;

  add(key: number): void {
    if (this.#count === this.#keys.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys[this.#count++] = key;
  }

  at(index: number): number {
    return this.#keys[index] ?? 0;
  }

  sorted(): Float64Array {
    return this.#keys.slice(0, this.#count).sort();
  }
}

/**
 * Where a row comes in the seeded order, in [0, 1). It follows from the row's content alone: equal rows come at the
 * same place, and a row that is added later moves no other.
 */
export function rowKey(row: DatasetRow, seed: number): number {
  const hash = createHash("sha256").update(`${seed}\n`).update(JSON.stringify(row)).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48;
}

/**
 * Divides the seeded order at the ratios; equal rows are never parted. Returns to which split a key belongs.
 *
 * @throws HearthError `invalid_request` when a split would be empty.
 */
export function divideAt(sorted: Float64Array, { ratios }: DatasetDivision): (key: number) => SplitName {
  const splits = splitName.options.filter((split) => ratios[split] !== undefined);
  const ends: { split: SplitName; before: number }[] = [];
  let share = 0;
  let from = 0;
  for (const split of splits) {
    share += ratios[split] ?? 0;
    const last = split === splits.at(-1);
    const end = last ? sorted.length : betweenRows(sorted, Math.round(share * sorted.length));
    if (end <= from) {
      const distinct = sorted.filter((key, index) => key !== sorted[index - 1]).length;
      throw new HearthError(
        "invalid_request",
        `split: the ${split} split of ${ratios[split]} would have no row of ${sorted.length} (${distinct} of them different); give it a larger share, or leave it out.`,
        { details: { field: `split.ratios.${split}`, value: ratios[split], rows: sorted.length, distinct } },
      );
    }
    ends.push({ split, before: last ? Infinity : (sorted[end] ?? Infinity) });
    from = end;
  }
  return (key) => ends.find(({ before }) => key < before)?.split ?? "train";
}

/** The border between different rows that is nearest to an index. */
function betweenRows(sorted: Float64Array, index: number): number {
  let [down, up] = [index, index];
  while (down > 0 && sorted[down] === sorted[down - 1]) down--;
  while (up < sorted.length && sorted[up] === sorted[up - 1]) up++;
  return index - down <= up - index ? down : up;
}
