#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The structure that examples/fashion compiles to, by hand in PyTorch: times an eager training step.

Needs an environment of its own with the packages torch and numpy; nothing else of ccm uses it.
"""
import argparse
import statistics
import time

import torch
from torch import nn


def scale(width_in, width_out):
    return nn.Conv2d(width_in, width_out, 2, stride=2)  # a patch of 2x2 and a dense map


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.mix = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def attend(self, x):
        b, t, d = x.shape
        q, k, v = (f(x).view(b, t, self.heads, d // self.heads).transpose(1, 2)
                   for f in (self.query, self.key, self.value))
        y = nn.functional.scaled_dot_product_attention(q, k, v)
        return self.mix(y.transpose(1, 2).reshape(b, t, d))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.down(nn.functional.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Fashion(nn.Module):
    def __init__(self):
        super().__init__()
        relu = nn.ReLU
        self.reduce = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), relu(), scale(16, 32), relu(),
            nn.Conv2d(32, 32, 3, padding=1), relu(), scale(32, 64), relu(),
            nn.Conv2d(64, 64, 3, padding=1), relu())
        self.project = nn.Linear(64, 64)
        self.positions = nn.Parameter(torch.zeros(49, 64))
        self.block = Block(64, 2)
        self.norm = nn.LayerNorm(64)
        self.hidden, self.scores = nn.Linear(64, 256), nn.Linear(256, 10)

    def forward(self, image):
        x = self.reduce(image.float().mul(1 / 255).unsqueeze(1))
        x = self.project(x.flatten(2).transpose(1, 2)) + self.positions
        x = self.norm(self.block(x)).mean(1)
        return self.scores(nn.functional.gelu(self.hidden(x), approximate="tanh"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=60)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    model = Fashion()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    image = torch.randint(0, 256, (arguments.batch, 28, 28), dtype=torch.uint8)
    label = torch.randint(0, 10, (arguments.batch,))
    times = []
    for _ in range(arguments.steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(image), label).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    print(f"parameters {sum(p.numel() for p in model.parameters())}, "
          f"median step {1e3 * statistics.median(times[5:]):.2f} ms")


if __name__ == "__main__":
    main()
