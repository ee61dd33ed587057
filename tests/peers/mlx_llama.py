"""One measured training run of a Llama decoder in MLX, for comparison: reads one JSON object on stdin, the same
keys as torch_llama.py's `bench`, and prints one as its last line. A quantised base keeps its bits a weight."""

import json
import resource
import sys
import time

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
from mlx.utils import tree_flatten

BITS = {"Q8_0": 8, "Q4_0": 4, "Q4_K_M": 4}


class Linear(nn.Module):
    """x · Wᵀ, with a low-rank update where there is one."""

    def __init__(self, inputs, outputs, rank, bits):
        super().__init__()
        self.base = nn.Linear(inputs, outputs, bias=False)
        if bits:
            self.base = nn.QuantizedLinear.from_linear(self.base, group_size=32, bits=bits)
        if rank:
            self.lora_a = mx.random.uniform(-(inputs**-0.5), inputs**-0.5, (inputs, rank))
            self.lora_b = mx.zeros((rank, outputs))

    def __call__(self, x):
        y = self.base(x)
        return y + 2.0 * ((x @ self.lora_a) @ self.lora_b) if "lora_a" in self else y


class Block(nn.Module):
    def __init__(self, shape, rank, bits):
        super().__init__()
        dim, head = shape["dim"], shape["headDim"]
        self.heads, self.kv_heads, self.head = shape["heads"], shape["kvHeads"], head
        linear = lambda inputs, outputs: Linear(inputs, outputs, rank, bits)
        self.q, self.o = linear(dim, self.heads * head), linear(self.heads * head, dim)
        self.k, self.v = linear(dim, self.kv_heads * head), linear(dim, self.kv_heads * head)
        self.gate, self.up, self.down = linear(dim, shape["ffn"]), linear(dim, shape["ffn"]), linear(shape["ffn"], dim)
        self.attn_norm = nn.RMSNorm(dim, eps=shape["normEps"])
        self.ffn_norm = nn.RMSNorm(dim, eps=shape["normEps"])
        self.rope = nn.RoPE(head, traditional=True, base=shape["ropeTheta"])

    def __call__(self, x):
        batch, positions, _ = x.shape
        split = lambda y, heads: y.reshape(batch, positions, heads, self.head).transpose(0, 2, 1, 3)
        h = self.attn_norm(x)
        q, k, v = split(self.q(h), self.heads), split(self.k(h), self.kv_heads), split(self.v(h), self.kv_heads)
        o = mx.fast.scaled_dot_product_attention(
            self.rope(q), self.rope(k), v, scale=self.head**-0.5, mask="causal"
        )
        x = x + self.o(o.transpose(0, 2, 1, 3).reshape(batch, positions, -1))
        h = self.ffn_norm(x)
        return x + self.down(nn.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self, shape, rank, bits):
        super().__init__()
        self.embedding = nn.Embedding(shape["vocabulary"], shape["dim"])
        self.blocks = [Block(shape, rank, bits) for _ in range(shape["layers"])]
        self.norm = nn.RMSNorm(shape["dim"], eps=shape["normEps"])

    def __call__(self, tokens):
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x)
        return self.embedding.as_linear(self.norm(x))


def resident():
    """Most bytes that this process has held in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main():
    spec = json.load(sys.stdin)
    start_bytes = resident()
    mx.random.seed(spec["seed"])
    shape, rank = spec["shape"], spec["rank"]
    model = Llama(shape, rank, BITS.get(spec["base"], 0))
    if rank:
        model.freeze()
        model.apply_to_modules(lambda _, module: module.unfreeze(keys=["lora_a", "lora_b"], recurse=False))
    mx.eval(model.parameters())
    optimizer = optim.AdamW(1e-3, betas=[0.9, 0.99], eps=1e-8, weight_decay=0.01, bias_correction=True)
    loss_of = nn.value_and_grad(model, lambda tokens, targets: nn.losses.cross_entropy(model(tokens), targets, reduction="mean"))
    state = [model.state, optimizer.state]

    def step(tokens, targets):
        loss, gradients = loss_of(tokens, targets)
        gradients, norm = optim.clip_grad_norm(gradients, 1.0)
        optimizer.update(model, gradients)
        return loss, norm

    train = mx.compile(step, inputs=state, outputs=state) if spec.get("compile", True) else step
    rows = (spec["batchSize"], spec["sequenceLength"])
    seconds, losses = [], []
    for _ in range(spec["steps"]):
        tokens = mx.random.randint(0, shape["vocabulary"], rows)
        targets = (tokens * 3 + 1) % shape["vocabulary"]
        mx.eval(tokens, targets)
        start = time.perf_counter()
        loss, norm = train(tokens, targets)
        mx.eval(loss, norm, state)
        seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
    trained = sum(value.size for _, value in tree_flatten(model.trainable_parameters()))
    result = {"version": mx.__version__, "seconds": seconds, "losses": losses, "trained": trained}
    print(json.dumps({**result, "peakBytes": resident(), "startBytes": start_bytes}))


main()
