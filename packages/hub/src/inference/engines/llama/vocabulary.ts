import type { GgufMetadata } from "../../../model-files/gguf/metadata.ts";
import { toBytes } from "../../../model-files/tokenizer/byte-level.ts";

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
const kinds = { unknown: 2, control: 3, byte: 6 } as const;

const encoder = new TextEncoder();
const nothing = new Uint8Array(0);

/**
 * What the tokens of a loaded model stand for. The engine's own text of a single token is of no
 * use while streaming: half a character comes out as U+FFFD. Hence bytes.
 */
export class Vocabulary {
  /** Text of the control tokens, such as `<|im_end|>`. */
  readonly controlTokens: readonly string[];
  readonly size: number;
  /** No token adds more bytes than this to a text. */
  readonly longestPiece: number;
  readonly #tokens: readonly string[];
  readonly #kinds: readonly number[];
  readonly #model: string;
  readonly #controlIds: ReadonlyMap<string, number>;
  readonly #textOf: (id: number) => string;

  /** `textOf`: the engine's own text of a token, for kinds of tokenizers whose pieces are not known here. */
  constructor(metadata: GgufMetadata, textOf: (id: number) => string) {
    this.#tokens = metadata.strings("tokenizer.ggml.tokens");
    this.#kinds = metadata.optionalNumbers("tokenizer.ggml.token_type") ?? [];
    this.#model = metadata.string("tokenizer.ggml.model");
    this.#textOf = textOf;
    this.size = this.#tokens.length;
    // As it stands in the file a piece has as many bytes as in the text, or more.
    this.longestPiece = this.#tokens.reduce((most, token) => Math.max(most, Buffer.byteLength(token)), 1);
    const control = new Map<string, number>();
    this.#tokens.forEach((token, id) => {
      if (this.#kinds[id] === kinds.control && token !== "") control.set(token, id);
    });
    this.#controlIds = control;
    this.controlTokens = [...control.keys()];
  }

  controlId(text: string): number | undefined {
    return this.#controlIds.get(text);
  }

  /** The text of a control token; null for any other. */
  controlText(id: number): string | null {
    return this.#kinds[id] === kinds.control ? (this.#tokens[id] ?? null) : null;
  }

  /** The token's text as it stands in the file; empty for none. */
  piece(id: number | null): string {
    return id === null ? "" : (this.#tokens[id] ?? "");
  }

  /** The bytes that the token adds to the text. Control tokens add none. */
  bytes(id: number): Uint8Array {
    const piece = this.#tokens[id];
    const kind = this.#kinds[id];
    if (piece === undefined || kind === kinds.control || kind === kinds.unknown) return nothing;
    if (this.#model === "gpt2") return toBytes(piece) ?? encoder.encode(piece);
    if (this.#model === "llama") {
      const byte = kind === kinds.byte ? /^<0x([0-9A-F]{2})>$/i.exec(piece)?.[1] : undefined;
      if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
      return encoder.encode(piece.replaceAll("\u2581", " "));
    }
    return encoder.encode(this.#textOf(id));
  }
}
