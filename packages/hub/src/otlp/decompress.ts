import { promisify } from "node:util";
import { gunzip, inflate, inflateRaw, type InputType, type ZlibOptions } from "node:zlib";
import { HearthError } from "../errors.ts";

type Decoder = (bytes: InputType, options: ZlibOptions) => Promise<Buffer>;

/** `deflate` is zlib's format; some clients send the bare stream, whose first byte is no zlib header. */
const decoders: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip),
  deflate: (bytes, options) => (isZlib(bytes) ? promisify(inflate) : promisify(inflateRaw))(bytes, options),
};

/**
 * Undoes a Content-Encoding off the main thread. Stops at `limit` bytes, however small the body was.
 *
 * @throws HearthError `too_large`, or `invalid_request` for a body that is not what its header says.
 */
export async function decompress(bytes: Uint8Array, encoding: string, limit: number): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") return bytes;
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decode === undefined) {
    throw new HearthError(
      "invalid_request",
      `Unsupported Content-Encoding: ${name.slice(0, 100)}. Send gzip, deflate, or none.`,
    );
  }
  try {
    return await decode(bytes, { maxOutputLength: limit });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new HearthError("too_large", `The body is larger than ${limit} bytes when decompressed.`, {
        cause: error,
        details: { limit },
      });
    }
    throw new HearthError("invalid_request", `Failed to decompress ${name} payload.`, { cause: error });
  }
}

/** RFC 1950: method 8, and the first two bytes are a multiple of 31. */
function isZlib(bytes: InputType): boolean {
  if (!(bytes instanceof Uint8Array) || bytes.length < 2) return false;
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
