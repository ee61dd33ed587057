"""Control tokens that somebody wrote into a prompt: they stay text."""

import json
import re

PRIVATE_USE = (*range(0xE000, 0xF900), *range(0xF0000, 0xFFFFE))


class Hidden:
    """Inputs of a chat template in which control tokens are broken up, and the way back."""

    def __init__(self, inputs, stand_ins):
        self.inputs = inputs
        self._originals = {ord(stand_in): original for original, stand_in in stand_ins.items()}

    def reveal(self, text):
        return text.translate(self._originals)


class ControlTokens:
    def __init__(self, tokenizer):
        self._tokenizer = tokenizer
        special = {str(token): id for id, token in tokenizer.added_tokens_decoder.items() if token.special}
        self._ids = {text: id for text, id in special.items() if text}
        longest_first = sorted(self._ids, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def encode_text(self, text):
        """With the token that begins every text of this model, where it has one."""
        return self._tokenizer.encode(text, split_special_tokens=True)

    def hide(self, messages, tools):
        """None when there is nothing to hide."""
        if self._pattern is None:
            return None
        stand_ins = self._stand_ins(json.dumps([messages, tools], ensure_ascii=False))
        inputs = [self._hidden(value, stand_ins) for value in (messages, tools)]
        return None if inputs == [messages, tools] else Hidden(inputs, stand_ins)

    def encode_rendered(self, rendered, hidden):
        """What the template wrote is control, what came from outside is text."""
        tokens = []
        end = 0
        for match in self._pattern.finditer(rendered):
            tokens += self._plain(hidden.reveal(rendered[end : match.start()]))
            tokens.append(self._ids[match.group()])
            end = match.end()
        return tokens + self._plain(hidden.reveal(rendered[end:]))

    def end_of_last(self, rendered):
        """Where the last control token of a rendered text ends; the end of the text without one."""
        end = len(rendered)
        for match in self._pattern.finditer(rendered) if self._pattern is not None else ():
            end = match.end()
        return end

    def _plain(self, text):
        if text == "":
            return []
        return self._tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)

    def _stand_ins(self, used):
        """For each character of a control token one of private use that occurs nowhere in `used`."""
        free = (chr(code) for code in PRIVATE_USE if chr(code) not in used)
        return {character: next(free) for character in sorted(set("".join(self._ids)))}

    def _hidden(self, value, stand_ins):
        if isinstance(value, str):
            return self._hidden_text(value, stand_ins)
        if isinstance(value, list):
            return [self._hidden(item, stand_ins) for item in value]
        if isinstance(value, dict):
            return {self._hidden_text(key, stand_ins): self._hidden(item, stand_ins) for key, item in value.items()}
        return value

    def _hidden_text(self, text, stand_ins):
        places = set()
        for token in self._ids:
            # One may begin within another.
            place = text.find(token)
            while place >= 0:
                places.add(place)
                place = text.find(token, place + 1)
            # A part of a control token that the template could complete with what it writes beside it.
            for length in range(1, min(len(token) - 1, len(text)) + 1):
                if text.endswith(token[:length]):
                    places.add(len(text) - length)
                if text.startswith(token[-length:]):
                    places.add(0)
        if not places:
            return text
        return "".join(
            stand_ins.get(character, character) if place in places else character
            for place, character in enumerate(text)
        )
