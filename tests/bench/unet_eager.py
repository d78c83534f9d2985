#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A U-Net 16-32-64 over 64x64 by hand in PyTorch, as it is mostly written: times a step and inference.

Needs an environment of its own with the packages torch and numpy; nothing else of ccm uses it.
"""
import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional


def pair(width_in, width_out):
    return nn.Sequential(nn.Conv2d(width_in, width_out, 3, padding=1), nn.ReLU(),
                         nn.Conv2d(width_out, width_out, 3, padding=1), nn.ReLU())


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fine, self.middle, self.coarse = pair(3, 16), pair(16, 32), pair(32, 64)
        self.up1, self.up0 = pair(64 + 32, 32), pair(32 + 16, 16)
        self.out = nn.Conv2d(16, 2, 1)

    def forward(self, photo):
        fine = self.fine(photo)
        middle = self.middle(functional.max_pool2d(fine, 2))
        x = self.coarse(functional.max_pool2d(middle, 2))
        x = self.up1(torch.cat([functional.interpolate(x, scale_factor=2), middle], 1))
        x = self.up0(torch.cat([functional.interpolate(x, scale_factor=2), fine], 1))
        return self.out(x)


def median_ms(work, times):
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        measured.append(time.perf_counter() - start)
    return 1e3 * statistics.median(measured[min(5, times - 1):])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--channels-last", action="store_true", help="faster on some processors")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    model = UNet()
    photo = torch.randn(arguments.batch, 3, 64, 64)
    if arguments.channels_last:
        model = model.to(memory_format=torch.channels_last)
        photo = photo.to(memory_format=torch.channels_last)
    map_ = torch.randint(0, 2, (arguments.batch, 64, 64))
    optimizer = torch.optim.Adam(model.parameters())

    def step():
        optimizer.zero_grad()
        functional.cross_entropy(model(photo), map_).backward()
        optimizer.step()

    def infer():
        with torch.no_grad():
            model(photo)

    print(f"parameters {sum(p.numel() for p in model.parameters())}, "
          f"median step {median_ms(step, arguments.steps):.2f} ms, "
          f"infer {median_ms(infer, arguments.steps):.2f} ms")


if __name__ == "__main__":
    main()
