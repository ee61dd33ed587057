"""The order of the sequences: a function of (seed, epoch, index), so that a run continues from its step alone."""

import mlx.core as mx
import numpy as np

# Among so many steps rows of like length are brought together.
STEPS_PER_WINDOW = 16
# Lengths are padded to multiples of this: each new shape is compiled anew.
PAD_TO = 32


class Rows:
    """One row a sequence, in another order every epoch; without a seed in that of the file."""

    def __init__(self, sequences, seed, rows_per_step):
        self.count = len(sequences)
        self._sequences = sequences
        self._seed = seed
        self._rows_per_step = rows_per_step
        self._order = (None, None)

    def at(self, epoch, index):
        if self._order[0] != epoch:
            self._order = (epoch, self._order_of(epoch))
        return self._sequences[self._order[1][index]]

    def _order_of(self, epoch):
        if self._seed is None:
            return np.arange(self.count)
        # The old generator: its numbers are promised to stay as they are.
        random = np.random.RandomState([self._seed, epoch])
        shuffled = random.permutation(self.count)
        lengths = np.array([sequence.inputs for sequence in self._sequences])
        size = self._rows_per_step
        order = []
        for start in range(0, self.count, size * STEPS_PER_WINDOW):
            window = shuffled[start : start + size * STEPS_PER_WINDOW]
            window = window[np.argsort(lengths[window], kind="stable")]
            steps = [window[place : place + size] for place in range(0, len(window), size)]
            # One that is not full stays last, or it would push the others off the steps' borders.
            full = len(window) // size
            order += [steps[place] for place in random.permutation(full)] + steps[full:]
        return np.concatenate(order)


class Packed:
    """Documents one after another, cut into full sequences; every token is learned."""

    def __init__(self, sequences, seed, length):
        self._documents = [sequence.tokens for sequence in sequences]
        self._seed = seed
        total = sum(map(len, self._documents))
        self._length = min(length, total - 1)
        self.count = max(1, -(-(total - 1) // self._length))
        self._stream = (None, None)

    def at(self, epoch, index):
        if self._stream[0] != epoch:
            order = range(len(self._documents))
            if self._seed is not None:
                order = np.random.RandomState([self._seed, epoch]).permutation(len(self._documents))
            self._stream = (epoch, [token for place in order for token in self._documents[place]])
        start = index * self._length
        return Piece(self._stream[1][start : start + self._length + 1])


class Piece:
    def __init__(self, tokens):
        self.tokens = tokens
        self.learned = [1] * len(tokens)
        self.inputs = len(tokens) - 1


def source_of(collected, seed, rows_per_step, length):
    if collected.packed:
        return Packed(collected.sequences, seed, length)
    return Rows(collected.sequences, seed, rows_per_step)


class Plan:
    """Divides `epochs` (a fraction is allowed) of the sequences into optimizer steps."""

    def __init__(self, source, batch_size, accumulate, epochs):
        self._source = source
        self.batch_size = min(batch_size, source.count)
        self.accumulate = accumulate
        self._sequences = max(1, round(source.count * epochs))
        self.steps = -(-self._sequences // (self.batch_size * accumulate))

    def batches_from(self, step):
        """Every batch after `step` steps: (inputs, targets, weights), `accumulate` of them a step."""
        for place in range(step, self.steps):
            first = place * self.batch_size * self.accumulate
            batches = [
                self._rows(first + part * self.batch_size, self._sequences) for part in range(self.accumulate)
            ]
            # Of all that a step scores every token counts the same, in whichever batch it is.
            scored = sum(sum(row.learned[1:]) for rows in batches for row in rows)
            for rows in batches:
                yield arrays(rows, self.batch_size, max(1, scored) / self.accumulate)

    def inputs_of(self, step):
        first = (step - 1) * self.batch_size * self.accumulate
        rows = self._rows(first, self._sequences, self.batch_size * self.accumulate)
        return sum(row.inputs for row in rows)

    def once(self, source, limit):
        """Every sequence of another source once, at most `limit` of them."""
        for first in range(0, min(limit, source.count), self.batch_size):
            end = min(first + self.batch_size, limit, source.count)
            rows = [source.at(0, place) for place in range(first, end)]
            yield arrays(rows, self.batch_size, max(1, sum(sum(row.learned[1:]) for row in rows)))

    def _rows(self, first, end, count=None):
        count = self.batch_size if count is None else count
        places = range(first, min(first + count, end))
        return [self._source.at(*divmod(place, self._source.count)) for place in places]


def arrays(rows, batch_size, divisor):
    """Rows that a last step lacks are padding without loss. `divisor` is what the sum of losses is divided by."""
    longest = max((row.inputs for row in rows), default=1)
    length = -(-longest // PAD_TO) * PAD_TO
    tokens = np.zeros((batch_size, length), np.int32)
    targets = np.zeros((batch_size, length), np.int32)
    weights = np.zeros((batch_size, length), np.float32)
    for place, row in enumerate(rows):
        tokens[place, : row.inputs] = row.tokens[:-1]
        targets[place, : row.inputs] = row.tokens[1:]
        weights[place, : row.inputs] = row.learned[1:]
    return mx.array(tokens), mx.array(targets), mx.array(weights), mx.array(divisor, mx.float32)
