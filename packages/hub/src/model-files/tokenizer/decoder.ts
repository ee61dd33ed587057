import { toBytes } from "./byte-level.ts";
import { byteOfToken, spaceMark } from "./sentence-piece.ts";
import { tokenKinds } from "./vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface DecodeOptions {
  /** Control tokens are shown, too. */
  special?: boolean;
  /** The tokens go on where others ended: a space in front is kept also where the tokenizer adds one. */
  continues?: boolean;
}

export type Decoder = (ids: Iterable<number>, options?: DecodeOptions) => string;

const encoder = new TextEncoder();
const nothing = new Uint8Array(0);

/** Bytes of a normal token of a byte-level vocabulary. */
export function bytesOfCharacters(token: string): Uint8Array {
  return toBytes(token) ?? encoder.encode(token);
}

/** Bytes of a normal token of a SentencePiece vocabulary. */
export function bytesOfPiece(token: string): Uint8Array {
  return encoder.encode(token.replaceAll(spaceMark, " "));
}

/**
 * A function that gives tokens as text; bytes that are not UTF-8 become U+FFFD.
 *
 * @param bytesOf bytes of a normal token
 * @param addsSpace the tokenizer put a space before a text: it is taken away again
 */
export function decoder(
  { tokens, types }: Vocabulary,
  bytesOf: (token: string) => Uint8Array,
  addsSpace: boolean,
): Decoder {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const bytes = (id: number, special: boolean): Uint8Array => {
    const token = tokens[id];
    if (token === undefined) throw new RangeError(`Token ${id} is not one of ${tokens.length}.`);
    switch (types[id] ?? tokenKinds.normal) {
      case tokenKinds.unused:
        return nothing;
      case tokenKinds.control:
      case tokenKinds.unknown:
        return special ? encoder.encode(token) : nothing;
      case tokenKinds.userDefined:
        return encoder.encode(token);
      case tokenKinds.byte: {
        const byte = byteOfToken(token);
        return byte === undefined ? bytesOf(token) : Uint8Array.of(byte);
      }
      default:
        return bytesOf(token);
    }
  };
  return (ids, { special = false, continues = false } = {}) => {
    const chunks = Array.from(ids, (id) => bytes(id, special));
    const [first] = chunks;
    if (addsSpace && !continues && first?.[0] === 0x20) chunks[0] = first.subarray(1);
    return utf8.decode(Buffer.concat(chunks));
  };
}
