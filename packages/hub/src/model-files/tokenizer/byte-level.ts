/**
 * The character that stands for each byte in the vocabulary of a byte-level tokenizer: printable
 * Latin-1 characters stand for themselves, the other bytes for U+0100 onwards in order (source: the
 * GPT-2 vocabulary).
 */
export const byteCharacters: readonly string[] = makeByteCharacters();

const characterBytes: ReadonlyMap<string, number> = new Map(
  byteCharacters.map((character, byte) => [character, byte]),
);

function makeByteCharacters(): string[] {
  const standsForItself = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(standsForItself(byte) ? byte : next++));
}

const encoder = new TextEncoder();

/** Text as one vocabulary character for each of its UTF-8 bytes; lone surrogates become U+FFFD. */
export function toByteCharacters(text: string): string {
  let characters = "";
  for (const byte of encoder.encode(text)) characters += byteCharacters[byte] ?? "";
  return characters;
}

/** The bytes that a token of the vocabulary stands for; undefined when it is not made of byte characters. */
export function toBytes(piece: string): Uint8Array | undefined {
  const bytes = new Uint8Array(piece.length);
  for (let index = 0; index < piece.length; index++) {
    const byte = characterBytes.get(piece.charAt(index));
    if (byte === undefined) return undefined;
    bytes[index] = byte;
  }
  return bytes;
}
