/** Elements of a Q8_0 block: one 16-bit float scale, then as many signed bytes. */
export const q8BlockElements = 32;
const q8BlockBytes = 34;

/** Little-endian 32-bit floats as numbers; shares the bytes where their alignment allows. */
export function f32FromBytes(bytes: Uint8Array): Float32Array {
  return new Float32Array(...viewOf(bytes, 4));
}

/** Little-endian 16-bit floats to 32 bits; exact. */
export function f16ToF32(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Float16Array(...viewOf(bytes, 2)));
}

/** 32-bit floats to little-endian 16-bit floats, to nearest, ties to even; beyond ±65,504 they become ±Infinity. */
export function f32ToF16(values: Float32Array): Uint8Array {
  return new Uint8Array(new Float16Array(values).buffer);
}

/** Little-endian bfloat16 to 32 bits; exact. */
export function bf16ToF32(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(...viewOf(bytes, 2));
  const words = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index++) words[index] = (halves[index] ?? 0) << 16;
  return new Float32Array(words.buffer);
}

/** Typed arrays need an aligned start; bytes that lie elsewhere are copied. */
function viewOf(bytes: Uint8Array, elementBytes: number): [ArrayBufferLike, number, number] {
  const own = bytes.byteOffset % elementBytes === 0 ? bytes : bytes.slice();
  return [own.buffer, own.byteOffset, Math.floor(own.byteLength / elementBytes)];
}

/**
 * Encodes as Q8_0 with the rounding of llama.cpp's reference: scale = largest magnitude / 127 in
 * single precision, quotients rounded half away from zero. `values.length` must be a multiple of 32.
 *
 * Errors: RangeError when a value is not finite or its scale is beyond a 16-bit float.
 */
export function encodeQ8(values: Float32Array): Uint8Array {
  if (values.length % q8BlockElements !== 0) {
    throw new RangeError(`Q8_0 encodes multiples of 32 numbers; found ${values.length}.`);
  }
  const blocks = values.length / q8BlockElements;
  const bytes = new Uint8Array(blocks * q8BlockBytes);
  const scales = new Float16Array(1);
  const scaleBytes = new Uint8Array(scales.buffer);
  for (let block = 0; block < blocks; block++) {
    const from = block * q8BlockElements;
    const to = block * q8BlockBytes;
    let largest = 0;
    for (let index = from; index < from + q8BlockElements; index++) {
      const magnitude = Math.abs(values[index] ?? 0);
      // Written so that NaN also becomes the largest.
      if (!(magnitude <= largest)) largest = magnitude;
    }
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    scales[0] = scale;
    if (!Number.isFinite(scales[0])) {
      throw new RangeError(`Q8_0 cannot hold the value ${largest} (block ${block}).`);
    }
    bytes[to] = scaleBytes[0] ?? 0;
    bytes[to + 1] = scaleBytes[1] ?? 0;
    for (let index = 0; index < q8BlockElements; index++) {
      const quotient = Math.fround((values[from + index] ?? 0) * inverse);
      bytes[to + 2 + index] = quotient < 0 ? -Math.floor(0.5 - quotient) : Math.floor(quotient + 0.5);
    }
  }
  return bytes;
}

/** Q8_0 bytes as signed bytes and one scale per 32 of them. */
export function splitQ8(bytes: Uint8Array): { values: Int8Array; scales: Float32Array } {
  const blocks = bytes.byteLength / q8BlockBytes;
  const values = new Int8Array(blocks * q8BlockElements);
  const scaleBits = new Uint16Array(blocks);
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let block = 0; block < blocks; block++) {
    const from = block * q8BlockBytes;
    scaleBits[block] = (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8);
    values.set(signed.subarray(from + 2, from + q8BlockBytes), block * q8BlockElements);
  }
  return { values, scales: new Float32Array(new Float16Array(scaleBits.buffer)) };
}

/** Q8_0 bytes as 32-bit floats. */
export function decodeQ8(bytes: Uint8Array): Float32Array {
  const { values, scales } = splitQ8(bytes);
  const decoded = new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    decoded[index] = (values[index] ?? 0) * (scales[index >> 5] ?? 0);
  }
  return decoded;
}
