"""Checkpoints: parameters, the optimizer's state and how far the run is, in one file that is whole or not there.

Random numbers need no place: those of the first matrices are drawn before the first step, the order of the data
follows from the seed, and there is no dropout.
"""

import hashlib
import json
import os
import re

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten, tree_unflatten

NAME = re.compile(r"checkpoint-(\d{8})\.safetensors")


class Checkpoints:
    def __init__(self, folder, fingerprint, every):
        """`every`: steps between two that are due; others are of interruptions."""
        self._folder = folder
        self._fingerprint = fingerprint
        self._every = every

    def save(self, model, optimizer, record):
        """Beside it one other is left: the newest that was due, which a run that diverges goes back to, and which
        serves when this one was damaged."""
        others = self._names()
        kept = next((path for path in others if step_of(path) % self._every == 0), others[0] if others else None)
        for old in others:
            if old != kept:
                os.remove(old)
        tensors = state_of(model, optimizer)
        text = json.dumps(record)
        metadata = {"run": self._fingerprint, "record": text, "sha256": content_hash(tensors, text)}
        path = os.path.join(self._folder, f"checkpoint-{record['step']:08d}.safetensors")
        write_tensors(path, tensors, metadata)

    def restore(self, model, optimizer, log):
        """Loads the newest that is whole and belongs to this run; its record, or None without one."""
        for path in self._names():
            name = os.path.basename(path)
            try:
                tensors, metadata = mx.load(path, return_metadata=True)
                if metadata.get("run") != self._fingerprint:
                    raise ValueError("it belongs to a run with another specification")
                if content_hash(tensors, metadata["record"]) != metadata.get("sha256"):
                    raise ValueError("its content does not have the sha256 that it names")
                record = json.loads(metadata["record"])
            except Exception as error:
                log(f"{name} cannot be used and is passed over: {error}")
                continue
            load_state(model, optimizer, tensors)
            log(f"Continuing after step {record['step']} from {name}.")
            return record
        return None

    def discard_after(self, step):
        """Removes those of later steps: the run does them again, another way."""
        for path in self._names():
            if step_of(path) > step:
                os.remove(path)

    def clear(self):
        for path in self._names():
            os.remove(path)

    def _names(self):
        """Newest first."""
        names = sorted((name for name in os.listdir(self._folder) if NAME.fullmatch(name)), reverse=True)
        return [os.path.join(self._folder, name) for name in names]


def step_of(path):
    return int(NAME.fullmatch(os.path.basename(path))[1])


def state_of(model, optimizer):
    parameters = {f"model:{name}": value for name, value in tree_flatten(model.trainable_parameters())}
    moments = {f"optimizer:{name}": value for name, value in tree_flatten(optimizer.state)}
    return {**parameters, **moments}


def load_state(model, optimizer, tensors):
    parts = {"model": [], "optimizer": []}
    for name, value in tensors.items():
        part, _, key = name.partition(":")
        parts[part].append((key, value))
    model.load_weights(parts["model"], strict=False)
    optimizer.state = tree_unflatten(parts["optimizer"])
    mx.eval(model.parameters(), optimizer.state)


def content_hash(tensors, text):
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        value = np.array(tensors[name])
        found.update(f"{name}:{value.shape}:{value.dtype}\n".encode())
        found.update(value.tobytes())
    return found.hexdigest()


def write_tensors(path, tensors, metadata=None):
    """Written under another name, flushed to the disk, then given its own."""
    partial = path + ".partial.safetensors"
    mx.save_safetensors(partial, tensors, {"format": "mlx", **(metadata or {})})
    settle(partial, path)


def write_text(path, text):
    partial = path + ".partial"
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
    settle(partial, path)


def settle(partial, path):
    for target in (partial, None, os.path.dirname(path)):
        if target is None:
            os.replace(partial, path)
            continue
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
