"""PyTorch's side of the benchmark: reads a request a line (JSON) and answers with a line. See src/cli/bench/peers.ts."""
import json
import statistics
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

threads = int(sys.argv[1])
torch.set_num_threads(threads)


def random(seed, n):
    i = np.arange(1, n + 1, dtype=np.uint64)
    a = (np.uint64(seed) + i * np.uint64(0x6D2B79F5)) & np.uint64(0xFFFFFFFF)
    mask = np.uint64(0xFFFFFFFF)
    t = ((a ^ (a >> np.uint64(15))) * (a | np.uint64(1))) & mask
    t = t ^ ((t + (((t ^ (t >> np.uint64(7))) * (t | np.uint64(61))) & mask)) & mask)
    return (t ^ (t >> np.uint64(14))).astype(np.float64) / 4294967296.0


def uniform(seed, shape, scale=1.0):
    n = int(np.prod(shape))
    return torch.from_numpy(((2 * random(seed, n) - 1) * scale).astype(np.float32)).reshape(shape)


def unit(seed, shape):
    return torch.from_numpy(random(seed, int(np.prod(shape))).astype(np.float32)).reshape(shape)


def integers(seed, n, k):
    return torch.from_numpy(np.floor(random(seed, n) * k).astype(np.int64))


def linear(layer, seed, outputs, inputs):
    layer.weight.data = uniform(seed, (outputs, inputs), inputs**-0.5)
    if layer.bias is not None:
        layer.bias.data = uniform(seed + 1, (outputs,), inputs**-0.5)
    return layer


def stepper(model, loss, optimizer, batches):
    state = {"i": 0}

    def run():
        x, y = batches[state["i"] % len(batches)]
        state["i"] += 1
        value = loss(model(x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()

    return run


def xor():
    bits = integers(10, 256, 2)
    x = (bits.float() + uniform(11, (256,), 0.2)).reshape(128, 2)
    y = (bits[0::2] ^ bits[1::2]).float().reshape(128, 1)
    model = nn.Sequential(linear(nn.Linear(2, 4), 12, 4, 2), nn.Tanh(), linear(nn.Linear(4, 1), 14, 1, 4))
    return stepper(model, nn.BCEWithLogitsLoss(), torch.optim.SGD(model.parameters(), lr=0.1), [(x, y)])


def mlp_parts():
    batches = [(unit(100 + i, (64, 784)), integers(200 + i, 64, 10)) for i in range(10)]
    sizes = [(512, 784), (256, 512), (10, 256)]
    layers = [linear(nn.Linear(i, o), 20 + 2 * k, o, i) for k, (o, i) in enumerate(sizes)]
    return nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2]), batches


def mlp():
    model, batches = mlp_parts()
    return stepper(model, F.cross_entropy, torch.optim.Adam(model.parameters(), lr=1e-3), batches)


def cnn_parts():
    batches = [(unit(300 + i, (64, 1, 28, 28)), integers(400 + i, 64, 10)) for i in range(10)]
    c1, c2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
    c1.weight.data, c1.bias.data = uniform(30, (32, 1, 3, 3), 1 / 3), uniform(31, (32,), 1 / 3)
    c2.weight.data, c2.bias.data = uniform(32, (64, 32, 3, 3), 288**-0.5), uniform(33, (64,), 288**-0.5)
    l1, l2 = linear(nn.Linear(9216, 128), 34, 128, 9216), linear(nn.Linear(128, 10), 36, 10, 128)
    return nn.Sequential(c1, nn.ReLU(), c2, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), l1, nn.ReLU(), l2), batches


def cnn():
    model, batches = cnn_parts()
    return stepper(model, F.cross_entropy, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), batches)


class Block(nn.Module):
    def __init__(self, width, heads, context, seed):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = linear(nn.Linear(width, 3 * width), seed, 3 * width, width)
        self.proj = linear(nn.Linear(width, width), seed + 2, width, width)
        self.fc = linear(nn.Linear(width, 4 * width), seed + 4, 4 * width, width)
        self.out = linear(nn.Linear(4 * width, width), seed + 6, width, 4 * width)
        self.register_buffer("mask", torch.tril(torch.ones(context, context)).view(1, 1, context, context) == 0)

    def forward(self, x):
        batch, context, width = x.shape
        q, k, v = (part.view(batch, context, self.heads, width // self.heads).transpose(1, 2) for part in self.qkv(self.ln1(x)).split(width, 2))
        scores = (q @ k.transpose(-2, -1)) * (width // self.heads) ** -0.5
        weights = torch.softmax(scores.masked_fill(self.mask, float("-inf")), -1)
        x = x + self.proj((weights @ v).transpose(1, 2).contiguous().view(batch, context, width))
        return x + self.out(F.gelu(self.fc(self.ln2(x)), approximate="tanh"))


class CharGpt(nn.Module):
    def __init__(self, vocabulary, width, context, depth, heads):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.wte.weight.data, self.wpe.weight.data = uniform(900, (vocabulary, width), 0.05), uniform(901, (context, width), 0.05)
        self.blocks = nn.ModuleList([Block(width, heads, context, 1000 + 20 * l) for l in range(depth)])
        self.lnf, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        self.head.weight.data = uniform(902, (vocabulary, width), width**-0.5)
        self.register_buffer("positions", torch.arange(context))

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe(self.positions)
        for block in self.blocks:
            x = block(x)
        return self.head(self.lnf(x))


def gpt():
    vocabulary, width, context, batch = 65, 128, 64, 16
    batches = []
    for i in range(10):
        text = integers(500 + i, batch * (context + 1), vocabulary).reshape(batch, context + 1)
        batches.append((text[:, :-1].contiguous(), text[:, 1:].contiguous()))
    model = CharGpt(vocabulary, width, context, 4, 4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1)
    return stepper(model, lambda o, y: F.cross_entropy(o.view(-1, vocabulary), y.view(-1)), optimizer, batches)


def inference(parts):
    model, batches = parts()
    x = batches[0][0]

    def run():
        with torch.no_grad():
            model(x)

    return run


def gemm(size):
    m, k, n = [int(s) for s in size.split("x")] if "x" in size else [int(size)] * 3
    a, b = uniform(1, (m, k)), uniform(2, (k, n))
    return lambda: a @ b


def elementwise(name, size):
    n, seed = (1 << 24, 3) if size == "16M" else (1000, 6)
    a, b = uniform(seed, (n,)), uniform(seed + 1, (n,))
    return {"add": lambda: a + b, "relu": lambda: torch.relu(a), "exp": lambda: torch.exp(a), "sum": lambda: a.sum()}[name]


def softmax():
    x = uniform(5, (4096, 1024), 4)
    return lambda: torch.softmax(x, 1)


def chain(with_grad):
    c, start = torch.tensor([0.5, 0.25, 0.125, 0.0625]), torch.tensor([1.0, 2, 3, 4])

    def forward(x):
        for _ in range(1000):
            x = x + c
        return x

    def grad():
        forward(start.clone().requires_grad_()).sum().backward()

    def no_grad():
        with torch.no_grad():
            forward(start)

    return grad if with_grad else no_grad


def seed_program():
    x = torch.arange(3, dtype=torch.float32, requires_grad=True)
    ((x + 2) ** 2 + 3).mean().backward()


def make(row):
    words = row.split()
    if words[0] == "W1":
        return gemm(words[2]), 1
    if words[0] == "W2":
        return (softmax() if words[1] == "softmax" else elementwise(words[1], words[2])), 1
    if words[0] == "W3":
        return chain("forward" in words), 1000
    cases = {"W4": lambda: seed_program, "W5": xor, "W6": mlp, "W7": cnn, "W8": gpt}
    cases["W6f"], cases["W7f"] = lambda: inference(mlp_parts), lambda: inference(cnn_parts)
    return cases[words[0]](), 1


def measure(row, seconds, cache={}):
    if row not in cache:
        cache.clear()
        run, per = make(row)
        run()
        begin = time.perf_counter()
        run()
        once = time.perf_counter() - begin
        cache[row] = run, per, max(1, int(0.02 / max(once, 1e-7)))
    run, per, count = cache[row]
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        for _ in range(count):
            run()
        times.append((time.perf_counter() - begin) / count / per)
    return {"best": min(times), "median": statistics.median(times)}


for line in sys.stdin:
    request = json.loads(line)
    try:
        if request["kind"] == "describe":
            value = {"name": "torch", "version": torch.__version__, "threads": torch.get_num_threads()}
        else:
            value = measure(request["row"], request["seconds"])
        print(json.dumps({"value": value}), flush=True)
    except Exception as error:
        print(json.dumps({"error": repr(error)}), flush=True)
