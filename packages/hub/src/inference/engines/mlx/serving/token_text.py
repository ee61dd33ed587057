"""The bytes that tokens stand for, and text made of them as they come."""

import codecs
import copy

from mlx_lm import tokenizer_utils


def byte_alphabet():
    """The character of byte-level vocabularies → the byte that it stands for (source: the GPT-2 vocabulary)."""
    itself = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in itself]
    alphabet = {chr(byte): byte for byte in itself}
    alphabet.update({chr(0x100 + place): byte for place, byte in enumerate(others)})
    return alphabet


def byte_level_bytes(tokenizer):
    """For each token of a byte-level vocabulary its bytes; those of added tokens are their text."""
    alphabet = byte_alphabet()
    added = {id: str(token) for id, token in tokenizer.added_tokens_decoder.items()}
    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    table = []
    for id, piece in enumerate(pieces):
        if id in added or piece is None or any(character not in alphabet for character in piece):
            table.append((added.get(id) or piece or "").encode())
        else:
            table.append(bytes(alphabet[character] for character in piece))
    return table


def special_ids(tokenizer):
    return {id for id, token in tokenizer.added_tokens_decoder.items() if token.special}


class ByteDetokenizer(tokenizer_utils.StreamingDetokenizer):
    """Text that is the tokens' bytes and nothing else.

    mlx-lm's own drops a space at the beginning of an answer and shows a NUL as another character.
    Control tokens have no text, but for those that mark reasoning and calls of tools: the server looks for them.
    """

    def __init__(self, tokenizer):
        super().__init__()
        self._table = byte_level_bytes(tokenizer)
        self._silent = special_ids(tokenizer)
        self.reset()

    def keep(self, markers):
        self._silent = {id for id in self._silent if self._table[id].decode("utf-8", "replace") not in markers}

    def reset(self):
        self.offset = 0
        self.text = ""
        self.tokens = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add_token(self, token):
        self.tokens.append(token)
        if token not in self._silent and token < len(self._table):
            self.text += self._decoder.decode(self._table[token])

    def finalize(self):
        self.text += self._decoder.decode(b"", final=True)


def use_token_text():
    tokenizer_utils.BPEStreamingDetokenizer = ByteDetokenizer


class TokenText:
    """What single tokens look like."""

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer
        detokenizer = tokenizer._detokenizer
        self._table = None
        if isinstance(detokenizer, ByteDetokenizer):
            self._table = detokenizer._table
            detokenizer.keep(markers_of(tokenizer))

    def shown(self, token, logprob):
        return {"id": token, "bytes": list(self._bytes(token)), "logprob": logprob}

    def _bytes(self, token):
        if self._table is not None:
            return self._table[token] if token < len(self._table) else b""
        detokenizer = copy.copy(self._tokenizer._detokenizer)
        detokenizer.reset()
        detokenizer.add_token(token)
        detokenizer.finalize()
        return detokenizer.text.encode()


def markers_of(tokenizer):
    names = ("think_start", "think_end", "tool_call_start", "tool_call_end")
    markers = {getattr(tokenizer, name, None) for name in names}
    markers.update(getattr(tokenizer, "structural_markers", None) or ())
    for edges in (getattr(tokenizer, "response_transitions", None) or {}).values():
        markers.update(text for text, _ in edges)
    return markers - {None}
