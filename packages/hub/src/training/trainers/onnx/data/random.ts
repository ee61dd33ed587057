/** A source of pseudo-random numbers whose whole sequence follows from its seed. */
export interface SeededRandom {
  /** Uniform in [0, 1), multiples of 2^-32. */
  uniform(): number;
  /** Uniform integer in [0, bound); `bound` at most 2^32. */
  integer(bound: number): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021): 32-bit
 * integer operations only, so every machine gives the same numbers. The state comes from the seed and
 * the purpose (for example "shuffle", epoch), so that streams for different purposes are independent
 * and none of them has to be stored: a resumed run makes them again.
 */
export function seededRandom(seed: number, ...purpose: readonly (string | number)[]): SeededRandom {
  const next = wordSource(hashText(`${seed}|${purpose.join("|")}`));
  const uniform = () => next() / 4_294_967_296;
  let spare: number | undefined;
  return {
    uniform,
    integer: (bound) => unbiasedInteger(next, bound),
    normal: () => {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      // Box and Muller; 1 − uniform is never 0.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/** The numbers 0 … length − 1 in a seeded random order (Fisher and Yates). */
export function permutation(length: number, random: SeededRandom): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

/** Takes a new word where the remainder would favour small numbers. */
function unbiasedInteger(next: () => number, bound: number): number {
  const fair = 4_294_967_296 - (4_294_967_296 % bound);
  for (;;) {
    const word = next();
    if (word < fair) return word % bound;
  }
}

function wordSource(state: [number, number, number, number]): () => number {
  let [a, b, c, d] = state;
  return () => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled;
  };
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** FNV-1a per state word with another offset each, finished by the mixer of MurmurHash3. */
function hashText(text: string): [number, number, number, number] {
  const word = (offset: number): number => {
    let hash = (2_166_136_261 ^ offset) >>> 0;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  };
  // The all-zero state would stay zero for ever; the constant keeps the last word from it.
  return [word(1), word(2), word(3), word(4) | 1];
}
