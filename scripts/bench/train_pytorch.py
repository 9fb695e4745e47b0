"""PyTorch's side of the training benchmark: the same dual encoder, loss, clipping and AdamW, written
as open_clip writes them. A line in, a line of JSON out, as peer.ts asks. Arguments: sizes.ts's entry
as JSON, batch, caption length, threads. Gradients are zeroed the way the version at hand does by
default, which decides its peak of memory: before 2.0 they stay allocated."""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

SIZE, BATCH, LENGTH, THREADS = json.loads(sys.argv[1]), *map(int, sys.argv[2:5])
torch.set_num_threads(THREADS)
torch.manual_seed(0)


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    def __init__(self, width, heads, wide):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, wide), QuickGELU(), nn.Linear(wide, width))

    def forward(self, x, mask):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


def blocks(config):
    width, heads = config["hidden_size"], config["num_attention_heads"]
    one = lambda: Block(width, heads, config["intermediate_size"])
    return nn.ModuleList(one() for _ in range(config["num_hidden_layers"]))


class Image(nn.Module):
    def __init__(self, config, projection):
        super().__init__()
        width, patch = config["hidden_size"], config["patch_size"]
        tokens = (config["image_size"] // patch) ** 2 + 1
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(width) * width**-0.5)
        self.positions = nn.Parameter(torch.randn(tokens, width) * width**-0.5)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = blocks(config)
        self.projection = nn.Parameter(torch.randn(width, projection) * width**-0.5)

    def forward(self, x):
        x = self.conv1(x).flatten(2).permute(0, 2, 1)
        first = self.class_embedding.expand(x.shape[0], 1, -1)
        x = self.ln_pre(torch.cat([first, x], 1) + self.positions).permute(1, 0, 2)
        for block in self.blocks:
            x = block(x, None)
        return self.ln_post(x[0]) @ self.projection


class Text(nn.Module):
    def __init__(self, config, projection):
        super().__init__()
        width = config["hidden_size"]
        self.tokens = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Parameter(torch.randn(config["max_position_embeddings"], width) * 0.01)
        self.blocks = blocks(config)
        self.ln_final = nn.LayerNorm(width)
        self.projection = nn.Parameter(torch.randn(width, projection) * width**-0.5)
        nn.init.normal_(self.tokens.weight, std=0.02)

    def forward(self, ids):
        x = (self.tokens(ids) + self.positions[: ids.shape[1]]).permute(1, 0, 2)
        mask = torch.full((ids.shape[1],) * 2, -math.inf).triu(1)
        for block in self.blocks:
            x = block(x, mask)
        x = self.ln_final(x).permute(1, 0, 2)
        return x[torch.arange(x.shape[0]), ids.argmax(-1)] @ self.projection


image = Image(SIZE["vision_config"], SIZE["projection_dim"])
text = Text(SIZE["text_config"], SIZE["projection_dim"])
scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
parameters = [*image.parameters(), *text.parameters(), scale]
optimizer = torch.optim.AdamW(parameters, lr=1e-4, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.1)
side, last = SIZE["vision_config"]["image_size"], SIZE["text_config"]["vocab_size"] - 1
pixels = torch.rand(BATCH, 3, side, side) * 2 - 1
ids = torch.randint(0, last, (BATCH, LENGTH))
ids[:, -1] = last
labels = torch.arange(BATCH)


def step():
    optimizer.zero_grad()
    a, b = F.normalize(image(pixels), dim=-1), F.normalize(text(ids), dim=-1)
    logits = scale.exp() * a @ b.t()
    loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return loss.item()


def memory():
    with open("/proc/self/status") as status:
        rows = dict(line.split(":", 1) for line in status)
    size = lambda key: int(rows[key].split()[0]) * 1024
    return {"peak": size("VmHWM"), "resident": size("VmRSS")}


print("{}", flush=True)
for line in sys.stdin:
    if line.strip() == "memory":
        print(json.dumps(memory()), flush=True)
    if line.strip() == "step":
        started = time.perf_counter()
        loss = step()
        print(json.dumps({"seconds": time.perf_counter() - started, "loss": loss}), flush=True)
