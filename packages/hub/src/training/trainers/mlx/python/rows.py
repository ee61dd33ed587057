"""Rows of a dataset as token numbers, with the places that the model has to learn."""

import json


class Refused(Exception):
    """What a person can set right; `code` is one of the hub's."""

    def __init__(self, code, message, **details):
        super().__init__(message)
        self.code = code
        self.details = details


class Sequence:
    """Token numbers; `learned[i]` is 1 where token i has to be produced."""

    def __init__(self, parts):
        self.tokens = [token for tokens, _ in parts for token in tokens]
        self.learned = [flag for tokens, flag in parts for _ in tokens]

    @property
    def inputs(self):
        return len(self.tokens) - 1

    @property
    def last_answer(self):
        """Where the last run of learned tokens begins; -1 without one."""
        for place in range(len(self.learned) - 1, -1, -1):
            if self.learned[place] == 1 and (place == 0 or self.learned[place - 1] == 0):
                return place
        return -1

    def cut(self, limit):
        """Keeps the last answer and what fits before it; of an answer that alone is too long, its beginning."""
        excess = len(self.tokens) - limit
        if excess <= 0:
            return False
        start = min(excess, max(0, self.last_answer - 1))
        self.tokens = self.tokens[start : start + limit]
        self.learned = self.learned[start : start + limit]
        return True


def read_rows(path):
    """(line number, row) of every line that is not empty."""
    with open(path, encoding="utf-8", newline="\n") as file:
        for line, text in enumerate(file, 1):
            if text.strip() == "":
                continue
            try:
                row = json.loads(text)
            except ValueError as error:
                raise Refused("dataset_invalid", f"Line {line} of {path} is not JSON ({error}).", line=line) from error
            yield line, row


def kind_of(row, line, path):
    if isinstance(row, dict):
        messages = row.get("messages")
        if isinstance(messages, list) and messages and all(map(is_message, messages)):
            return "chat"
        if isinstance(row.get("prompt"), str) and isinstance(row.get("completion"), str):
            return "prompt"
        if isinstance(row.get("text"), str):
            return "text"
    raise Refused(
        "dataset_invalid",
        f'Line {line} of {path} is no row; expected {{"messages":[{{"role","content"}}…]}}, '
        '{"prompt","completion"} or {"text"}.',
        line=line,
    )


def is_message(message):
    return isinstance(message, dict) and all(isinstance(message.get(name), str) for name in ("role", "content"))


class Encoder:
    """Writes rows in the base's own template and tokenizer. Control tokens in a row's text stay text."""

    def __init__(self, tokenizer, control):
        self._tokenizer = tokenizer
        self._control = control
        self._eos = tokenizer.eos_token_id
        ids = {str(token): id for id, token in tokenizer.added_tokens_decoder.items()}
        # What ends a document: the model's end-of-text token, else its end token.
        self._document_end = ids.get("<|endoftext|>", self._eos)

    def encode(self, row, kind, line):
        if kind == "chat":
            return Sequence(self._chat(row["messages"], row.get("tools"), line))
        if kind == "prompt":
            completion = [*self._plain(row["completion"]), self._eos]
            return Sequence([(self._control.encode_text(row["prompt"]), 0), (completion, 1)])
        return Sequence([([*self._control.encode_text(row["text"]), self._document_end], 1)])

    def question(self, text, is_chat):
        """The beginning that a question gives a model to continue."""
        if not is_chat:
            return self._control.encode_text(text)
        return self._conversation([{"role": "user", "content": text}], None).tokens(1, True)

    def _plain(self, text):
        return self._tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True) if text else []

    def _conversation(self, messages, tools):
        if not self._tokenizer.has_chat_template:
            raise Refused(
                "dataset_invalid",
                "The base model has no chat template, so it cannot be trained on conversations. Give rows with "
                "prompt and completion, or another base.",
            )
        return Conversation(self._tokenizer, self._control, messages, tools)

    def _chat(self, messages, tools, line):
        conversation = self._conversation(messages, tools)
        try:
            spans = conversation.answers()
        except Exception as error:  # a template is a program of the model's author
            raise Refused(
                "dataset_invalid", f"The base's chat template refuses line {line}: {error}", line=line
            ) from error
        if not spans:
            raise Refused(
                "dataset_invalid",
                f"The conversation in line {line} has no answer that the model could learn; expected a message with "
                'the role "assistant" that the model\'s chat template shows after its generation prompt.',
                line=line,
            )
        parts = []
        position = 0
        for start, end in spans:
            parts.append((conversation.between(position, start), 0))
            parts.append((conversation.between(start, end), 1))
            position = end
        return parts


class Conversation:
    """A conversation as the template writes it, with the places of the assistant's answers."""

    def __init__(self, tokenizer, control, messages, tools):
        self._tokenizer = tokenizer
        self._control = control
        self._hidden = control.hide(messages, tools)
        self._messages, self._tools = (messages, tools) if self._hidden is None else self._hidden.inputs

    def answers(self):
        """
        Spans of the answers in the text of the whole, each up to and including its end-of-turn token. The messages
        before an answer, with the generation prompt, and those up to it must both be beginnings of the whole:
        what a template takes out of earlier turns is never seen in use, and not learned.
        """
        self._text = self._render(len(self._messages), False)
        spans = []
        reached = 0
        for place, message in enumerate(self._messages):
            if message["role"] != "assistant":
                continue
            before = self._render(place, True)
            after = self._render(place + 1, False)
            if len(before) < reached or not self._text.startswith(before) or not self._text.startswith(after):
                continue
            end = len(before) + self._control.end_of_last(after[len(before) :])
            if end > len(before):
                spans.append((len(before), end))
                reached = end
        return spans

    def tokens(self, count, prompt):
        return self._encode(self._render(count, prompt))

    def between(self, start, end):
        """Tokens from `start` to `end`, as they follow those before; cut apart where a token would span `start`."""
        before = self._encode(self._text[:start])
        whole = self._encode(self._text[:end])
        if whole[: len(before)] == before:
            return whole[len(before) :]
        return self._encode(self._text[start:end])

    def _render(self, count, prompt):
        return self._tokenizer.apply_chat_template(
            self._messages[:count], tools=self._tools or None, tokenize=False, add_generation_prompt=prompt
        )

    def _encode(self, text):
        if self._hidden is not None:
            return self._control.encode_rendered(text, self._hidden)
        return self._tokenizer.encode(text, add_special_tokens=False) if text else []


class Collected:
    """The rows of one file."""

    def __init__(self, path, encoder, limit):
        self.sequences = []
        self.rows = []
        self.shortened = 0
        self.skipped = 0
        self.packed = None
        for line, row in read_rows(path):
            kind = kind_of(row, line, path)
            if self.packed is None:
                self.packed = kind == "text"
            if self.packed != (kind == "text"):
                raise Refused(
                    "dataset_invalid",
                    f"Line {line} of {path} is a {kind} row among others; expected either only text rows or none.",
                    line=line,
                )
            sequence = encoder.encode(row, kind, line)
            if not self.packed and sequence.cut(limit + 1):
                self.shortened += 1
            if sequence.inputs < 1 or 1 not in sequence.learned[1:]:
                self.skipped += 1
                continue
            self.sequences.append(sequence)
            self.rows.append((kind, row))
        if not self.sequences:
            raise Refused("dataset_invalid", f"{path} has no row that a model could learn from.", path=path)

    def report(self, what):
        total = sum(len(sequence.tokens) for sequence in self.sequences)
        longest = max(sequence.inputs for sequence in self.sequences)
        yield f"{what}: {len(self.sequences)} rows, {total} tokens, the longest {longest}."
        if self.shortened:
            yield f"{what}: {self.shortened} rows were longer than the sequence length and lost their beginning."
        if self.skipped:
            yield f"{what}: {self.skipped} rows have nothing to learn and were passed over."
