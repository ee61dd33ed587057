"""The training itself: mlx-lm's own loop, with a callback that tells, validates, keeps and stops."""

import math
import time

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optimizers
from mlx.utils import tree_flatten, tree_map
from mlx_lm.tuner import trainer
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.tuner.utils import linear_to_lora_layers
from rows import Refused

# A validation reads at most so many sequences, so that it stays a small part of a run.
VALIDATION_SEQUENCES = 512
# Steps that a checkpoint tells again: who listened may have been killed before writing them down.
TOLD_AGAIN = 500

# GGUF's names of layers, and where mlx-lm's models have them.
LAYERS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


class Stopped(Exception):
    """Between two steps; `keep` when a checkpoint is to be left."""

    def __init__(self, keep):
        super().__init__("stopped")
        self.keep = keep


class Diverged(Exception):
    """A loss or gradients that are no finite numbers. The weights have taken the step and are spoilt."""

    def __init__(self, **facts):
        super().__init__("diverged")
        self.facts = facts


def figure(value):
    """A number as JSON has it, or its word."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def adapt(model, parameters):
    """Freezes the model and gives its layers low-rank matrices; what adapter_config.json says of them."""
    model.freeze()
    present = {name for layer in model.layers for name, _ in layer.named_modules()}
    wanted = [LAYERS[target] for target in parameters["lora_targets"]]
    missing = [name for name in wanted if name not in present]
    if missing:
        raise Refused(
            "invalid_request",
            f"lora_targets: the base has no layers named {', '.join(missing)}; it has "
            f"{', '.join(name for name in LAYERS.values() if name in present) or 'none of those that Hearth trains'}.",
            field="lora_targets",
        )
    rank = parameters["lora_rank"]
    lora = {"rank": rank, "scale": parameters["lora_alpha"] / rank, "dropout": 0.0, "keys": wanted}
    mx.random.seed(parameters["seed"])
    linear_to_lora_layers(model, len(model.layers), lora)
    return {"fine_tune_type": "lora", "num_layers": len(model.layers), "lora_parameters": lora}


class Rate:
    """A linear rise, then half a cosine down to a tenth of the peak; of steps counted from 0."""

    def __init__(self, peak, steps, warmup_ratio):
        self._peak = peak
        self._warmup = round(steps * warmup_ratio)
        self._span = max(1, steps - self._warmup - 1)
        self._slower = None

    def slow_down(self, after, part):
        """Steps after this one have a part of the rate; to be said before the first is computed."""
        self._slower = (after, part)

    def __call__(self, step):
        step = (step + 1).astype(mx.float32)
        part = mx.minimum(1.0, (step - self._warmup - 1) / self._span)
        fall = 0.1 + 0.9 * 0.5 * (1 + mx.cos(math.pi * part))
        rate = self._peak * mx.where(step <= self._warmup, step / max(1, self._warmup), fall)
        if self._slower is None:
            return rate
        after, slower = self._slower
        return rate * mx.where(step > after, slower, 1.0)


class ClippedAdamW(optimizers.AdamW):
    """AdamW behind a limit on the norm of all gradients together."""

    def __init__(self, clip_norm, rate, **settings):
        super().__init__(learning_rate=rate, **settings)
        self.rate = rate
        self._clip_norm = clip_norm
        self.state["gradient_norm"] = mx.array(0.0)

    def apply_gradients(self, gradients, parameters):
        norm = mx.sqrt(sum(mx.square(g.astype(mx.float32)).sum() for _, g in tree_flatten(gradients)))
        self.state["gradient_norm"] = norm
        limit = mx.minimum(1.0, self._clip_norm / (norm + 1e-6))
        return super().apply_gradients(tree_map(lambda g: g * limit.astype(g.dtype), gradients), parameters)


def optimizer_of(parameters, steps):
    return ClippedAdamW(
        parameters["clip_norm"],
        Rate(parameters["learning_rate"], steps, parameters["warmup_ratio"]),
        # Runs here are short: second moments over about a hundred steps.
        betas=[0.9, 0.99],
        eps=1e-8,
        weight_decay=parameters["weight_decay"],
        bias_correction=True,
    )


def answer_loss(model, tokens, targets, weights, divisor):
    losses = nn.losses.cross_entropy(model(tokens).astype(mx.float32), targets)
    return (losses * weights).sum() / divisor, weights.sum()


class Run(TrainingCallback):
    """How far a run is. mlx-lm's loop calls it after every optimizer step."""

    def __init__(self, *, model, optimizer, plan, held, parameters, checkpoints, stop, rest, tell, sample):
        self._model = model
        self._optimizer = optimizer
        self._plan = plan
        self._held = held
        self._parameters = parameters
        self._checkpoints = checkpoints
        self._stop = stop
        self._rest = rest
        self._tell = tell
        self._sample = sample
        self._begun = 0
        # The step that the newest checkpoint is of.
        self._kept = 0
        self.record = {
            "step": 0,
            "first_loss": None,
            "last_loss": None,
            "validation_loss": None,
            "trained_tokens": 0,
            # Where it diverged and what step it was put back to.
            "went_back": None,
            "told": [],
        }
        self.milliseconds = 0.0
        self.tokens = 0

    def train(self):
        asked = self._parameters["went_back"]
        if asked is not None:
            self._checkpoints.discard_after(asked["to"])
        restored = self._checkpoints.restore(self._model, self._optimizer, lambda line: self._tell("log", line=line))
        self.record.update(restored or {})
        if asked is not None:
            self.record["went_back"] = asked
        if self.record["went_back"] is not None:
            self._optimizer.rate.slow_down(self.record["went_back"]["to"], self._parameters["slower_by"])
        self._begun = self._kept = self.record["step"]
        known = {name: self.record[name] for name in ("step", "first_loss", "last_loss", "validation_loss")}
        self._tell("begun", **known, steps=self._plan.steps, told=self.record["told"])
        try:
            self.pause()
            self._sample(self._begun, self.pause)
            left = self._plan.steps - self._begun
            if left > 0:
                self._loop(left * self._plan.accumulate)
        except Stopped as stopped:
            if stopped.keep and self.record["step"] > self._kept:
                self._keep()
            raise

    def _loop(self, iterations):
        # Under load, wired memory has brought Macs down (mlx-lm #883, #1666); its display is for terminals.
        trainer.maybe_set_recommended_wired_limit = lambda: None
        trainer.TrainUI = NoDisplay
        trainer.train(
            model=self._model,
            optimizer=self._optimizer,
            train_dataset=None,
            args=trainer.TrainingArgs(
                batch_size=self._plan.batch_size,
                iters=iterations,
                steps_per_report=self._plan.accumulate,
                # Checkpoints are ours: its own hold the weights only.
                steps_per_save=iterations + 1,
                adapter_file=self._parameters["adapter_file"],
                grad_accumulation_steps=self._plan.accumulate,
            ),
            loss=answer_loss,
            iterate_batches=lambda **_: self._plan.batches_from(self._begun),
            training_callback=self,
        )

    def on_train_loss_report(self, info):
        step = self._begun + info["iteration"] // self._plan.accumulate
        loss, rate = info["train_loss"], info["learning_rate"]
        norm = self._optimizer.state["gradient_norm"].item()
        self._require_finite(step, loss, norm, rate)
        tokens = self._plan.inputs_of(step)
        milliseconds = 1000 * self._plan.accumulate / info["iterations_per_second"]
        self.tokens += tokens
        self.milliseconds += milliseconds
        first = self.record["first_loss"]
        self.record.update(
            step=step,
            first_loss=loss if first is None else first,
            last_loss=loss,
            trained_tokens=self.record["trained_tokens"] + tokens,
        )
        self._say(
            "step", step=step, loss=loss, learning_rate=rate, gradient_norm=norm, tokens=tokens, milliseconds=milliseconds
        )
        self.pause()
        if step % self._parameters["validation_every"] == 0 or step == self._plan.steps:
            self._validate(step)
        self._sample(step, self.pause)
        if step % self._parameters["checkpoint_every"] == 0:
            self._keep()
        self._rest(milliseconds)

    def _validate(self, step):
        if self._held is None:
            return
        loss = trainer.evaluate(
            model=self._model,
            dataset=None,
            batch_size=self._plan.batch_size,
            num_batches=-1,
            loss=answer_loss,
            iterate_batches=lambda **_: self._plan.once(self._held, VALIDATION_SEQUENCES),
            progress_callback=self.pause,
        )
        self._model.train()
        # A type of few bits may overflow where no batch of the training did.
        self.record["validation_loss"] = figure(loss)
        self._say("validation", step=step, loss=figure(loss))

    def _require_finite(self, step, loss, norm, rate):
        if math.isfinite(loss) and math.isfinite(norm):
            return
        raise Diverged(
            step=step,
            loss=figure(loss),
            gradient_norm=figure(norm),
            learning_rate=rate,
            last_loss=self.record["last_loss"],
            went_back=self.record["went_back"],
        )

    def _say(self, kind, **facts):
        message = {"type": kind, "timestamp": int(time.time() * 1000), **facts}
        self.record["told"] = [*self.record["told"], message][-TOLD_AGAIN:]
        self._tell(**message)

    def pause(self):
        """Between two steps, and between two batches of a validation: what was asked meanwhile."""
        asked = self._stop()
        if asked is not None:
            raise Stopped(keep=asked == "stop")

    def _keep(self):
        self._checkpoints.save(self._model, self._optimizer, self.record)
        self._kept = self.record["step"]


class NoDisplay:
    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None

    def __getattr__(self, name):
        return lambda *args, **kwargs: None
