"""A Llama decoder and its training step in PyTorch, eager or compiled, for comparison.

    torch_llama.py parity FOLDER   trains on the weights and batches in FOLDER, writes the outcome there
    torch_llama.py bench           reads one JSON object on stdin, prints one as its last line

Weights are [out, in] by their GGUF names; rotary pairs are interleaved.
"""

import json
import math
import resource
import sys
import time
from array import array
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

LINEARS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


class Linear(nn.Module):
    """x · Wᵀ, with a low-rank update where there is one."""

    def __init__(self, weight, rank=0, scale=0.0):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.scale = scale
        if rank:
            self.weight.requires_grad_(False)
            self.lora_a = nn.Parameter(torch.zeros(rank, weight.shape[1]))
            self.lora_b = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, x):
        y = F.linear(x, self.weight)
        if hasattr(self, "lora_a"):
            # over a base in bf16 the adapter stays in f32, as people train it
            y = y + (F.linear(F.linear(x.to(self.lora_a.dtype), self.lora_a), self.lora_b) * self.scale).to(y.dtype)
        return y


class Block(nn.Module):
    def __init__(self, shape, weights, layer, rank, scale, targets):
        super().__init__()
        self.shape = shape
        self.attn_norm = nn.Parameter(weights[f"blk.{layer}.attn_norm.weight"])
        self.ffn_norm = nn.Parameter(weights[f"blk.{layer}.ffn_norm.weight"])
        for name in LINEARS:
            adapted = rank if name in targets else 0
            setattr(self, name, Linear(weights[f"blk.{layer}.{name}.weight"], adapted, scale))

    def rotate(self, x, cos, sin):
        cos, sin = cos.to(x.dtype), sin.to(x.dtype)
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)

    def forward(self, x, cos, sin):
        shape = self.shape
        batch, positions, dim = x.shape
        head = shape["headDim"]
        h = F.rms_norm(x, (dim,), self.attn_norm, shape["normEps"])
        q = self.attn_q(h).view(batch, positions, shape["heads"], head).transpose(1, 2)
        k = self.attn_k(h).view(batch, positions, shape["kvHeads"], head).transpose(1, 2)
        v = self.attn_v(h).view(batch, positions, shape["kvHeads"], head).transpose(1, 2)
        q, k = self.rotate(q, cos, sin), self.rotate(k, cos, sin)
        groups = shape["heads"] // shape["kvHeads"]
        k, v = k.repeat_interleave(groups, dim=1), v.repeat_interleave(groups, dim=1)
        o = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn_output(o.transpose(1, 2).reshape(batch, positions, -1))
        h = F.rms_norm(x, (dim,), self.ffn_norm, shape["normEps"])
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Llama(nn.Module):
    def __init__(self, shape, weights, rank=0, scale=0.0, targets=()):
        super().__init__()
        self.shape = shape
        self.embedding = nn.Parameter(weights["token_embd.weight"])
        self.blocks = nn.ModuleList(
            Block(shape, weights, layer, rank, scale, targets) for layer in range(shape["layers"])
        )
        self.norm = nn.Parameter(weights["output_norm.weight"])
        self.output = None if shape["tied"] else nn.Parameter(weights["output.weight"])
        half = shape["headDim"] // 2
        rates = shape["ropeTheta"] ** (-torch.arange(half, dtype=torch.float64) / half)
        angles = torch.arange(shape["context"], dtype=torch.float64)[:, None] * rates
        self.register_buffer("cos", angles.cos().float())
        self.register_buffer("sin", angles.sin().float())
        if rank:
            for name, parameter in self.named_parameters():
                parameter.requires_grad_("lora_" in name)

    def forward(self, tokens):
        cos, sin = self.cos[: tokens.shape[1]], self.sin[: tokens.shape[1]]
        x = F.embedding(tokens, self.embedding)
        for block in self.blocks:
            x = block(x, cos, sin)
        x = F.rms_norm(x, (x.shape[-1],), self.norm, self.shape["normEps"])
        return F.linear(x, self.embedding if self.output is None else self.output)

    def gguf_parameters(self):
        """Trainable parameters by the names that the program under test uses."""
        named = {"token_embd.weight": self.embedding, "output_norm.weight": self.norm}
        if self.output is not None:
            named["output.weight"] = self.output
        for layer, block in enumerate(self.blocks):
            named[f"blk.{layer}.attn_norm.weight"] = block.attn_norm
            named[f"blk.{layer}.ffn_norm.weight"] = block.ffn_norm
            for name in LINEARS:
                linear = getattr(block, name)
                named[f"blk.{layer}.{name}.weight"] = linear.weight
                if hasattr(linear, "lora_a"):
                    named[f"blk.{layer}.{name}.weight.lora_a"] = linear.lora_a
                    named[f"blk.{layer}.{name}.weight.lora_b"] = linear.lora_b
        return {name: p for name, p in named.items() if p.requires_grad}


def adamw(model, settings, rate):
    parameters = list(model.gguf_parameters().values())
    groups = [
        {"params": [p for p in parameters if p.dim() == 2], "weight_decay": settings["weightDecay"]},
        {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
    ]
    betas = (settings["beta1"], settings["beta2"])
    return torch.optim.AdamW(
        [group for group in groups if group["params"]], lr=rate, betas=betas, eps=settings["epsilon"], fused=True
    )


def train_step(model, optimizer, clip, tokens, targets):
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(tokens).flatten(0, 1).float(), targets.flatten(), ignore_index=-1)
    loss.backward()
    parameters = [p for p in model.parameters() if p.requires_grad]
    norm = nn.utils.clip_grad_norm_(parameters, math.inf if clip is None else clip)
    optimizer.step()
    return loss.item(), norm.item()


def parity(folder):
    spec = json.loads((folder / "spec.json").read_text())
    stored = array("f")
    stored.frombytes((folder / "weights.bin").read_bytes())
    flat = torch.tensor(stored, dtype=torch.float32)
    weights, at = {}, 0
    for name, extents in spec["tensors"]:
        count = math.prod(extents)
        weights[name] = flat[at : at + count].clone().view(extents)
        at += count
    train = spec["train"]
    lora = train["kind"] == "lora"
    model = Llama(
        spec["shape"],
        weights,
        train["rank"] if lora else 0,
        train["alpha"] / train["rank"] if lora else 0.0,
        train["targets"] if lora else (),
    )
    named = model.gguf_parameters()
    with torch.no_grad():
        for name, parameter in named.items():
            parameter.copy_(weights[name])
    optimizer = adamw(model, spec["optimizer"], spec["learningRate"])
    outcome = []
    for tokens, targets in spec["batches"]:
        rows = (spec["batchSize"], -1)
        outcome.append(
            train_step(
                model,
                optimizer,
                spec["optimizer"]["clipNorm"],
                torch.tensor(tokens).view(rows),
                torch.tensor(targets).view(rows),
            )
        )
    values = array("f")
    for name in spec["trainable"]:
        values.extend(named[name].detach().flatten().tolist())
    (folder / "trained.bin").write_bytes(values.tobytes())
    print(json.dumps({"version": torch.__version__, "steps": outcome}))


# Deeper models are compiled block by block, as PyTorch's documentation advises: one compilation serves all blocks.
COMPILED_WHOLE = 8


def bench():
    spec = json.load(sys.stdin)
    start_bytes = resident()
    torch.set_num_threads(spec["threads"])
    torch.manual_seed(spec["seed"])
    shape = spec["shape"]
    rank = spec["rank"]
    dtype = torch.float32 if spec["base"] == "F32" else torch.bfloat16
    weights = {
        name: torch.ones(extents, dtype=dtype)
        if len(extents) == 1
        else torch.randn(extents, dtype=dtype) * (extents[1] ** -0.5 * 0.5)
        for name, extents in spec["tensors"]
    }
    model = Llama(shape, weights, rank, 2.0, LINEARS)
    if rank:
        for name, parameter in model.gguf_parameters().items():
            if name.endswith("lora_a"):
                nn.init.kaiming_uniform_(parameter, a=math.sqrt(5))
    settings = {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weightDecay": 0.01}
    optimizer = adamw(model, settings, 1e-3)
    if spec["compile"]:
        for part in [model] if shape["layers"] <= COMPILED_WHOLE else model.blocks:
            part.compile()
    rows = (spec["batchSize"], spec["sequenceLength"])
    seconds, losses = [], []
    for _ in range(spec["steps"]):
        tokens = torch.randint(0, shape["vocabulary"], rows)
        targets = (tokens * 3 + 1) % shape["vocabulary"]
        start = time.perf_counter()
        loss, _ = train_step(model, optimizer, 1.0, tokens, targets)
        seconds.append(time.perf_counter() - start)
        losses.append(loss)
    result = {"version": torch.__version__, "seconds": seconds, "losses": losses}
    print(json.dumps({**result, "peakBytes": resident(), "startBytes": start_bytes}))


def resident():
    """Most bytes that this process has held in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    if sys.argv[1:2] == ["parity"] and len(sys.argv) == 3:
        parity(Path(sys.argv[2]))
    elif sys.argv[1:] == ["bench"]:
        bench()
    else:
        sys.exit(__doc__)
