import type { FileHandle } from "node:fs/promises";
import { ModelFileInvalid } from "../invalid.ts";

const chunkBytes = 64 * 1024;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/**
 * Reads a file from the front in small chunks. What it holds in memory is bounded by the chunk and
 * by the longest string that was allowed, never by a length that the file claims.
 *
 * `has(n)` then a getter is the fast path; `fill(n)` reads on. A file that ends early throws
 * {@link ModelFileInvalid}.
 */
export class FileCursor {
  readonly #file: FileHandle;
  readonly #fileSize: number;
  readonly #headerLimit: number;
  #buffer = Buffer.alloc(chunkBytes);
  #start = 0;
  #end = 0;
  #filePosition = 0;

  constructor(file: FileHandle, fileSize: number, headerLimit: number) {
    this.#file = file;
    this.#fileSize = fileSize;
    this.#headerLimit = headerLimit;
  }

  /** Bytes consumed since the start of the file. */
  get position(): number {
    return this.#filePosition - (this.#end - this.#start);
  }

  /** Bytes of the file that are not consumed yet. */
  get remaining(): number {
    return this.#fileSize - this.position;
  }

  has(bytes: number): boolean {
    return this.#end - this.#start >= bytes;
  }

  /** Makes `bytes` bytes available, or throws when the file or the header limit ends first. */
  async fill(bytes: number): Promise<void> {
    if (this.has(bytes)) return;
    if (bytes > this.remaining) {
      throw new ModelFileInvalid(
        `The model file ends inside its header: ${bytes} more bytes were expected at byte ${this.position}, ${this.remaining} are left. The file is truncated or damaged; fetch it again.`,
        { details: { position: this.position, expected: bytes, left: this.remaining } },
      );
    }
    if (this.position + bytes > this.#headerLimit) {
      throw new ModelFileInvalid(
        `The model file's header is longer than the allowed ${this.#headerLimit} bytes.`,
        { details: { limit: this.#headerLimit } },
      );
    }
    const kept = this.#buffer.subarray(this.#start, this.#end);
    const target = bytes > this.#buffer.length ? Buffer.alloc(bytes + chunkBytes) : this.#buffer;
    kept.copy(target, 0);
    this.#start = 0;
    this.#end = kept.length;
    this.#buffer = target;
    while (this.#end < bytes) {
      const room = this.#buffer.length - this.#end;
      const allowed = Math.min(room, this.#headerLimit - this.#filePosition);
      const { bytesRead } = await this.#file.read(this.#buffer, this.#end, allowed, this.#filePosition);
      if (bytesRead === 0) {
        throw new ModelFileInvalid("The model file became shorter while it was read.");
      }
      this.#end += bytesRead;
      this.#filePosition += bytesRead;
    }
  }

  #take(bytes: number): number {
    const at = this.#start;
    this.#start += bytes;
    return at;
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }
  i8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }
  u16(): number {
    return this.#buffer.readUInt16LE(this.#take(2));
  }
  i16(): number {
    return this.#buffer.readInt16LE(this.#take(2));
  }
  u32(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }
  i32(): number {
    return this.#buffer.readInt32LE(this.#take(4));
  }
  f32(): number {
    return this.#buffer.readFloatLE(this.#take(4));
  }
  f64(): number {
    return this.#buffer.readDoubleLE(this.#take(8));
  }
  u64(): bigint {
    return this.#buffer.readBigUInt64LE(this.#take(8));
  }
  i64(): bigint {
    return this.#buffer.readBigInt64LE(this.#take(8));
  }

  /**
   * UTF-8 text. Where the bytes are not UTF-8 (some vocabularies hold halves of characters), each byte
   * from 0x80 up becomes the lone surrogate U+DC00 + byte, so that different bytes stay different text.
   */
  text(bytes: number): string {
    const at = this.#take(bytes);
    const raw = this.#buffer.subarray(at, at + bytes);
    try {
      return utf8.decode(raw);
    } catch {
      return Array.from(raw, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join("");
    }
  }
}
