/** Values of a super-block of the K-quants. */
const superElements = 256;
const q4Bytes = 144;
const q6Bytes = 210;

/**
 * Encodes as Q4_K: 32 values to a block between its smallest and its largest, eight blocks to two
 * 16-bit floats. Simpler than llama.cpp's own, which also searches for the scales of the least error.
 * `values.length` must be a multiple of 256.
 *
 * Errors: RangeError for another length or a value that the form cannot hold.
 */
export function encodeQ4K(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(superBlocks(values, "Q4_K") * q4Bytes);
  for (let at = 0, to = 0; at < values.length; at += superElements, to += q4Bytes) {
    const parts = Array.from({ length: 8 }, (_, i) => values.subarray(at + 32 * i, at + 32 * i + 32));
    const minimums = parts.map((part) => Math.max(0, -Math.min(...part)));
    const scales = parts.map((part, i) => (Math.max(...part) + (minimums[i] ?? 0)) / 15);
    const [d, dmin] = [halfOf(Math.max(0, ...scales) / 63), halfOf(Math.max(...minimums) / 63)];
    const steps = scales.map((scale) => Math.min(63, rounded(scale, d.value)));
    const depths = minimums.map((minimum) => Math.min(63, rounded(minimum, dmin.value)));
    d.write(bytes, to);
    dmin.write(bytes, to + 2);
    for (let i = 0; i < 8; i++) {
      const [step, depth] = [steps[i] ?? 0, depths[i] ?? 0];
      if (i < 4) {
        bytes[to + 4 + i] = (bytes[to + 4 + i] ?? 0) | step;
        bytes[to + 8 + i] = (bytes[to + 8 + i] ?? 0) | depth;
      } else {
        bytes[to + 8 + i] = (step & 15) | ((depth & 15) << 4);
        bytes[to + i] = (bytes[to + i] ?? 0) | ((step >> 4) << 6);
        bytes[to + 4 + i] = (bytes[to + 4 + i] ?? 0) | ((depth >> 4) << 6);
      }
      parts[i]?.forEach((value, index) => {
        const q = Math.max(0, Math.min(15, rounded(value + depth * dmin.value, step * d.value)));
        const place = to + 16 + (i >> 1) * 32 + index;
        bytes[place] = (bytes[place] ?? 0) | (q << (4 * (i & 1)));
      });
    }
  }
  return bytes;
}

/**
 * Encodes as Q6_K: 16 values to a signed scale, sixteen of those to a 16-bit float. `values.length`
 * must be a multiple of 256.
 *
 * Errors: RangeError for another length or a value that the form cannot hold.
 */
export function encodeQ6K(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(superBlocks(values, "Q6_K") * q6Bytes);
  for (let at = 0, to = 0; at < values.length; at += superElements, to += q6Bytes) {
    const parts = Array.from({ length: 16 }, (_, i) => values.subarray(at + 16 * i, at + 16 * i + 16));
    const scales = parts.map((part) => Math.max(...part.map(Math.abs)) / 31);
    const d = halfOf(Math.max(...scales) / 127);
    const steps = scales.map((scale) => Math.min(127, rounded(scale, d.value)));
    d.write(bytes, to + 208);
    for (let i = 0; i < 16; i++) {
      bytes[to + 192 + i] = steps[i] ?? 0;
      parts[i]?.forEach((value, offset) => {
        const q = Math.max(-32, Math.min(31, rounded(value, (steps[i] ?? 0) * d.value))) + 32;
        const index = 16 * i + offset;
        const [part, quarter, place] = [index >> 7, (index >> 5) & 3, index & 31];
        const low = to + part * 64 + place + 32 * (quarter & 1);
        const high = to + 128 + part * 32 + place;
        bytes[low] = (bytes[low] ?? 0) | ((q & 15) << (4 * (quarter >> 1)));
        bytes[high] = (bytes[high] ?? 0) | ((q >> 4) << (2 * quarter));
      });
    }
  }
  return bytes;
}

function superBlocks(values: Float32Array, type: string): number {
  if (values.length % superElements !== 0) {
    throw new RangeError(`${type} encodes multiples of ${superElements} numbers; found ${values.length}.`);
  }
  return values.length / superElements;
}

function rounded(value: number, step: number): number {
  return step === 0 ? 0 : Math.round(value / step);
}

/** A number as a 16-bit float: what it then is, and its two bytes. */
function halfOf(number: number): { value: number; write: (bytes: Uint8Array, at: number) => void } {
  const float = Float16Array.of(number);
  const value = float[0] ?? NaN;
  if (!Number.isFinite(value)) throw new RangeError(`A scale of ${number} is beyond a 16-bit float.`);
  return { value, write: (bytes, at) => bytes.set(new Uint8Array(float.buffer), at) };
}
