"""One training with mlx-lm, as a child of the hub's trainer process.

One line of JSON on standard input is the job, later lines ask to `cancel`, to `stop` (with a checkpoint) or for
another `pace`; when it closes, this process ends. What happens is told by lines of JSON on file descriptor 3, the result or the failure last.
"""

import hashlib
import json
import math
import os
import platform
import queue
import resource
import sys
import threading

channel = os.fdopen(3, "w", encoding="utf-8")
telling = threading.Lock()
asked = queue.SimpleQueue()


def tell(type, **facts):
    with telling:
        channel.write(json.dumps({"type": type, **facts}) + "\n")
        channel.flush()


def listen(job, pacer):
    """Reads until the other end is gone: nobody could use what is made then."""
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "pace":
            pacer.keep(message["share"])
            continue
        (job if message["type"] == "train" else asked).put(message)
        pacer.wake()
    os._exit(0)


def stop():
    """What was asked: "cancel", "stop" or nothing."""
    return None if asked.empty() else asked.get()["type"]


def work(job, pacer):
    # Heavy, and after the first sign of life.
    import mlx.core as mx
    from answers import Sampler, probes, sample_prompts
    from batches import Plan, source_of
    from checkpoints import Checkpoints, write_tensors, write_text
    from control_tokens import ControlTokens
    from mlx.utils import tree_flatten
    from mlx_lm.utils import load
    from rows import Collected, Encoder
    from tuning import Run, adapt, optimizer_of

    parameters, folder = job["parameters"], job["folder"]
    log = lambda line: tell("log", line=line)
    model, tokenizer = load(job["base"])
    encoder = Encoder(tokenizer, ControlTokens(tokenizer))
    length = parameters["sequence_length"]
    rows = Collected(job["train"], encoder, length)
    held = Collected(job["validation"], encoder, length) if job["validation"] else None
    for line in [*rows.report("Training"), *(held.report("Validation") if held else ())]:
        log(line)
    config = adapt(model, parameters)
    per_step = parameters["batch_size"] * parameters["gradient_accumulation"]
    plan = Plan(
        source_of(rows, parameters["seed"], per_step, length),
        parameters["batch_size"],
        parameters["gradient_accumulation"],
        parameters["epochs"],
    )
    log(f"{plan.steps} steps of {plan.batch_size * plan.accumulate} sequences.")
    every = parameters.get("validation_every") or max(1, math.ceil(plan.steps / 5))
    sample_steps = parameters.get("sample_steps")
    sampled = every if sample_steps is None else sample_steps
    settings = {**parameters, "format": job["format"], "sample_steps": sampled}
    adapter_file = os.path.join(folder, "unchecked.safetensors")
    optimizer = optimizer_of(parameters, plan.steps)
    checkpoints = Checkpoints(folder, job["fingerprint"], parameters["checkpoint_every"])
    run = Run(
        model=model,
        optimizer=optimizer,
        plan=plan,
        held=None if held is None else source_of(held, None, per_step, length),
        parameters={
            **parameters,
            "validation_every": every,
            "adapter_file": adapter_file,
            "slower_by": job["slower_by"],
            "went_back": job["went_back"],
        },
        checkpoints=checkpoints,
        stop=stop,
        rest=lambda milliseconds: pacer.rest(milliseconds, lambda: not asked.empty()),
        tell=tell,
        sample=Sampler(model, tokenizer, sample_prompts(settings, encoder, held, length), max(1, sampled), plan.steps, tell),
    )
    run.train()

    tell("exporting")
    if os.path.exists(adapter_file):
        os.remove(adapter_file)
    write_tensors(os.path.join(folder, "adapters.safetensors"), dict(tree_flatten(model.trainable_parameters())))
    write_text(os.path.join(folder, "adapter_config.json"), json.dumps(config, indent=2) + "\n")
    found = probes(model, tokenizer, rows, length, run.pause)
    checkpoints.clear()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    record = run.record
    tell(
        "result",
        probes=found,
        first_loss=record["first_loss"],
        last_loss=record["last_loss"],
        validation_loss=record["validation_loss"],
        trained_tokens=record["trained_tokens"],
        steps=record["step"],
        went_back=record["went_back"],
        tokens_per_second=1000 * run.tokens / run.milliseconds if run.milliseconds else 0,
        peak_memory_bytes=max(peak, mx.get_peak_memory()),
        environment=environment(mx),
    )


def environment(mx):
    from importlib.metadata import version

    libraries = {name: version(name) for name in ("mlx", "mlx-lm", "transformers", "tokenizers", "numpy")}
    return {**libraries, "python": platform.python_version(), "mlx_device": str(mx.default_device())}


def main():
    job = queue.SimpleQueue()
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path += [here, os.path.normpath(os.path.join(here, "../../../../model-files/mlx"))]
    from pace import Pacer
    from rows import Refused

    pacer = Pacer()
    threading.Thread(target=listen, args=(job, pacer), daemon=True).start()
    tell("ready")
    given = job.get()
    given["fingerprint"] = hashlib.sha256(json.dumps(given["defines"], sort_keys=True).encode()).hexdigest()
    try:
        work(given, pacer)
    except Refused as refused:
        tell("failed", error={"code": refused.code, "message": str(refused), "details": refused.details})
    except MemoryError as error:
        tell("failed", error={"code": "resource_exhausted", "message": words(error), "details": {}})
    except OSError as error:
        code = "resource_exhausted" if error.errno == 28 else "training_failed"
        tell("failed", error={"code": code, "message": words(error), "details": {}})
    except Exception as error:
        from tuning import Diverged, Stopped

        if isinstance(error, Diverged):
            tell("diverged", **error.facts)
            return
        if isinstance(error, Stopped):
            tell("stopped" if error.keep else "cancelled")
            return
        import traceback

        traceback.print_exc()
        tell("failed", error={"code": "training_failed", "message": words(error), "details": {}})


def words(error):
    return f"mlx-lm failed: {type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
