"""A Python with a fault, for tests: `diverging.py STEP LIMIT SLOW_FROM SLOWNESS … SCRIPT` runs the script. The update
before the step makes every trained weight no number when its rate is above the limit, so that the step's loss is none;
each step from another one on takes milliseconds more."""

import runpy
import sys
import time

import mlx.core as mx
from mlx.optimizers import AdamW
from mlx.utils import tree_map
from mlx_lm.tuner import trainer

at, limit, slow_from, slowness = map(float, sys.argv[1:5])
script = sys.argv[-1]
bare_update, bare_train = AdamW.apply_gradients, trainer.train


def apply_gradients(self, gradients, parameters):
    updated = bare_update(self, gradients, parameters)
    spoilt = mx.logical_and(self.step == at - 1, self.learning_rate > limit)
    return tree_map(lambda value: mx.where(spoilt, mx.nan, value).astype(value.dtype), updated)


def train(*, optimizer, training_callback, **settings):
    report = training_callback.on_train_loss_report

    def report_slowly(info):
        if optimizer.step.item() >= slow_from:
            time.sleep(slowness / 1000)
            info = {**info, "iterations_per_second": 1000 / slowness}
        report(info)

    training_callback.on_train_loss_report = report_slowly
    bare_train(optimizer=optimizer, training_callback=training_callback, **settings)


AdamW.apply_gradients, trainer.train = apply_gradients, train
sys.argv = [script]
runpy.run_path(script, run_name="__main__")
