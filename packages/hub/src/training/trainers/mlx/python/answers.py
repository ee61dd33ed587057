"""What the model says: greedy continuations for the engine to repeat, and samples for a person to read."""

import time

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.models.cache import make_prompt_cache

CANDIDATES = 32
WANTED_PROBES = 8
LONGEST_CONTINUATION = 16
TEXT_PROMPT = 24
LONGEST_ANSWER = 64
SAMPLED_ROWS = 3
SHOWN_CHARACTERS = 2_000

# Two best logits that are closer than this may be ordered differently by the engine, which takes a prompt in by
# other parts: the rounding of the type that activations have.
MARGINS = {mx.float32: 0.02, mx.float16: 0.1, mx.bfloat16: 0.5}


def continuation(model, prompt, limit):
    """(token, distance of the two best logits), one after the other, by the likeliest."""
    cache = make_prompt_cache(model)
    tokens = mx.array([prompt])
    for _ in range(limit):
        logits = model(tokens, cache=cache)[0, -1].astype(mx.float32)
        second, best = mx.topk(logits, 2).tolist()
        token = mx.argmax(logits).item()
        yield token, abs(best - second)
        tokens = mx.array([[token]])


def stops_of(tokenizer):
    special = {id for id, token in tokenizer.added_tokens_decoder.items() if token.special}
    return special | set(tokenizer.eos_token_ids)


def probes(model, tokenizer, collected, length, between):
    model.eval()
    margin = MARGINS[activation_type(model)]
    stops = stops_of(tokenizer)
    found = []
    for prompt in probe_prompts(collected):
        if len(found) == WANTED_PROBES:
            break
        expected = []
        for token, distance in continuation(model, prompt, min(LONGEST_CONTINUATION, length - len(prompt))):
            between()
            if distance < margin or token in stops:
                break
            expected.append(token)
        if expected:
            found.append({"promptTokens": prompt, "expectedTokens": expected})
    return found


def activation_type(model):
    """Norms are never quantised: their type is that of the activations."""
    weights = tree_flatten(model.parameters())
    norms = [value for name, value in weights if "norm" in name]
    return (norms or [value for _, value in weights])[0].dtype


def probe_prompts(collected):
    """Beginnings spread evenly over the rows, all different: up to the last answer, or the first tokens of a text."""
    sequences = collected.sequences
    count = min(CANDIDATES, len(sequences))
    prompts = {}
    for place in range(count):
        sequence = sequences[place * len(sequences) // count]
        end = min(TEXT_PROMPT, sequence.inputs) if collected.packed else sequence.last_answer
        prompt = sequence.tokens[:end]
        if prompt:
            prompts.setdefault(tuple(prompt), prompt)
    return list(prompts.values())


def sample_prompts(parameters, encoder, held, length):
    """What the model is asked meanwhile: what the job names, else rows of the validation split."""
    if parameters["sample_steps"] == 0:
        return []
    named = parameters.get("sample_prompts")
    if named:
        is_chat = parameters["format"] == "chat"
        room = length - min(LONGEST_ANSWER, length // 2)
        return [(text, None, encoder.question(text, is_chat)[-room:]) for text in named]
    if held is None:
        return []
    found = []
    for place in range(min(SAMPLED_ROWS, len(held.rows))):
        index = place * len(held.rows) // SAMPLED_ROWS
        (kind, row), sequence = held.rows[index], held.sequences[index]
        texts = texts_of(kind, row)
        if texts is not None and sequence.last_answer >= 1:
            found.append((*(text[:SHOWN_CHARACTERS] for text in texts), sequence.tokens[: sequence.last_answer]))
    return found


def texts_of(kind, row):
    if kind == "text":
        return None
    if kind == "prompt":
        return row["prompt"], row["completion"]
    messages = row["messages"]
    last = max(place for place, message in enumerate(messages) if message["role"] == "assistant")
    before = messages[:last]
    if len(before) == 1:
        return before[0]["content"], messages[last]["content"]
    return "\n".join(f"{m['role']}: {m['content']}" for m in before), messages[last]["content"]


class Sampler:
    """Asks the same prompts every few steps; reads the weights, changes nothing."""

    def __init__(self, model, tokenizer, prompts, every, steps, tell):
        self._model = model
        self._tokenizer = tokenizer
        self._prompts = prompts
        # More rounds than this show nothing more.
        self._every = max(every, -(-steps // 200))
        self._steps = steps
        self._tell = tell

    def __call__(self, step, between):
        if step % self._every != 0 and step != self._steps:
            return
        self._model.eval()
        stops = stops_of(self._tokenizer)
        for index, (prompt, expected, tokens) in enumerate(self._prompts):
            began = time.perf_counter()
            answer = []
            complete = False
            for token, _ in continuation(self._model, tokens, LONGEST_ANSWER):
                between()
                complete = token in stops
                if complete:
                    break
                answer.append(token)
            sample = {
                "step": step,
                "index": index,
                "prompt": prompt,
                "expected": expected,
                "answer": self._tokenizer.decode(answer),
                "complete": complete,
                "seconds": time.perf_counter() - began,
            }
            self._tell("sample", sample=sample)
        self._model.train()
