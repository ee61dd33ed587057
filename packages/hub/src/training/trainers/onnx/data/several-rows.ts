import type { Bins } from "./bins.ts";
import { inFileOrder, ordered, remembered } from "./sources.ts";
import type { RowOrder, SequenceSource } from "./sources.ts";
import type { TokenStore } from "./token-store.ts";

/**
 * Several rows a sequence, one after the other; each epoch puts the sequences in another order. What a row's tokens
 * see and where they are is as if the row were alone: `places` restarts with each.
 */
export function severalRowsSource(store: TokenStore, bins: Bins, order: RowOrder | null): SequenceSource {
  const scored = Uint32Array.from(bins.rows, (rows) =>
    rows.reduce(
      (sum, row) =>
        sum +
        store
          .row(row)
          .learned.subarray(1)
          .reduce((all, flag) => all + flag, 0),
      0,
    ),
  );
  const orderOf = remembered((epoch) =>
    order === null ? inFileOrder(bins.rows.length) : ordered(bins.lengths, order, epoch),
  );
  const binAt = (epoch: number, index: number): number => orderOf(epoch)[index] ?? 0;
  return {
    count: bins.rows.length,
    severalRows: true,
    lengths: bins.lengths,
    scored,
    length: (epoch, index) => bins.lengths[binAt(epoch, index)] ?? 0,
    fill(epoch, index, tokens, targets, places) {
      tokens.fill(0);
      targets.fill(-1);
      places?.fill(0);
      let at = 0;
      for (const number of bins.rows[binAt(epoch, index)] ?? []) {
        const row = store.row(number);
        const inputs = Math.min(row.tokens.length - 1, tokens.length - at);
        tokens.set(row.tokens.subarray(0, inputs), at);
        for (let position = 0; position < inputs; position++) {
          if (row.learned[position + 1] === 1) targets[at + position] = row.tokens[position + 1] ?? -1;
          if (places !== undefined) places[at + position] = position;
        }
        at += inputs;
      }
    },
  };
}
