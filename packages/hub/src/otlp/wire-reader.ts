import { malformed } from "./malformed.ts";

/** How a field is laid out: protobuf's encoding document, "Message Structure". */
const wireTypes = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

/**
 * Reads one protobuf message field by field. Nothing here recurses and every step consumes input, so
 * hostile bytes end in an error. 64-bit integers are bigints: span times do not fit a number.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #position: number;
  #wireType = -1;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
    this.#position = 0;
  }

  /** The number of the next field, or 0 at the end of the message. Its value must be read or skipped. */
  nextField(): number {
    if (this.#position === this.#end) return 0;
    const tag = Number(this.#varint());
    const field = Math.floor(tag / 8);
    if (field === 0 || tag > 0xffffffff) throw malformed("a field has no valid number");
    this.#wireType = tag % 8;
    return field;
  }

  /** `uint64`, `bool`, `enum`: as unsigned. */
  varint(): bigint {
    this.#expect(wireTypes.varint);
    return this.#varint();
  }

  /** `int64` in two's complement. */
  int64(): bigint {
    return BigInt.asIntN(64, this.varint());
  }

  fixed64(): bigint {
    this.#expect(wireTypes.fixed64);
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  fixed32(): number {
    this.#expect(wireTypes.fixed32);
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  double(): number {
    this.#expect(wireTypes.fixed64);
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** A view of the bytes, not a copy. */
  bytes(): Buffer {
    this.#expect(wireTypes.bytes);
    const length = this.#varint();
    if (length > BigInt(this.#end - this.#position)) throw malformed("a field is longer than what is left");
    const start = this.#take(Number(length));
    return this.#bytes.subarray(start, this.#position);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }

  message(): WireReader {
    return new WireReader(this.bytes());
  }

  skip(): void {
    let open = 0;
    do {
      switch (this.#wireType) {
        case wireTypes.varint:
          this.#varint();
          break;
        case wireTypes.fixed64:
          this.#take(8);
          break;
        case wireTypes.bytes:
          this.bytes();
          break;
        case wireTypes.groupStart:
          open += 1;
          break;
        case wireTypes.groupEnd:
          open -= 1;
          break;
        case wireTypes.fixed32:
          this.#take(4);
          break;
        default:
          throw malformed(`there is no wire type ${this.#wireType}`);
      }
      if (open < 0) throw malformed("a group ends that did not begin");
      if (open > 0 && this.nextField() === 0) throw malformed("a group does not end");
    } while (open > 0);
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw malformed("a field has another type than the schema's");
  }

  #take(count: number): number {
    const start = this.#position;
    if (count > this.#end - start) throw malformed("it ends in the middle of a field");
    this.#position = start + count;
    return start;
  }

  #varint(): bigint {
    // Most are short; numbers are quicker than bigints.
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed("an integer has more than ten bytes");
  }

  #byte(): number {
    const byte = this.#bytes[this.#take(1)];
    if (byte === undefined) throw malformed("it ends in the middle of a field");
    return byte;
  }
}
