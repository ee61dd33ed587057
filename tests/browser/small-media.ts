import { crc32, deflateSync } from "node:zlib";

/** A red dot as PNG. */
export function onePixel(): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  // 1 × 1, 8 bits, red green blue
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
  const pixels = deflateSync(Buffer.from([0, 255, 0, 0]));
  return new Uint8Array(
    Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]),
  );
}

/** A second of silence as WAV: 8,000 samples of 8 bits. */
export function shortSound(): Uint8Array<ArrayBuffer> {
  const sound = Buffer.alloc(8_044, 128);
  sound.write("RIFF", 0);
  sound.writeUInt32LE(8_036, 4);
  sound.write("WAVEfmt ", 8);
  sound.set([16, 0, 0, 0, 1, 0, 1, 0], 16);
  sound.writeUInt32LE(8_000, 24);
  sound.writeUInt32LE(8_000, 28);
  sound.set([1, 0, 8, 0], 32);
  sound.write("data", 36);
  sound.writeUInt32LE(8_000, 40);
  return new Uint8Array(sound);
}
