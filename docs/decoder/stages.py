"""Tiles of symbols whose mixtures a network gave: format-entropy.md, 5, and format-adaptation.md, 1."""

import numpy as np

from adaptation import Adaptation
from mixture import clamp, decode
from rans import Stream
from reader import check


class Stage:
    """outputs: a network's, by name. alphabets: (low, high) of coded channels. origins: (height, width, channels)."""

    def __init__(self, outputs, tables, alphabets, origins=None, tau=None, adaptive=False):
        self.tables, self.alphabets, self.adaptive = tables, alphabets, adaptive
        self.outputs = {name: outputs[name] for name in ("mu", "log_sigma", "weight", "lambda") if name in outputs}
        self.origins = None if origins is None else np.clip(origins, -16384, 16384)
        self.tau = tau

    def decode(self, data, rect, out):
        """rect: (x, y, width, height). out: the symbols, (height, width, channels)."""
        stream = Stream(data)
        x, y, w, h = rect
        channels = len(self.alphabets)
        check(stream.lanes > 1 or w * h * channels <= 1 << 18, "a large tile of one lane")
        (self._adapted if self.adaptive else self._plain)(stream, x, y, w, h, out)
        stream.finish()

    def _sample(self, y, x, c, out):
        """(weights, means, v) of format-entropy.md, 3."""
        tables = self.tables
        k = tables.k
        mu, log_sigma, logits = (
            self.outputs[name][y, x, c * k : c * k + k].tolist() for name in ("mu", "log_sigma", "weight")
        )
        origins = [0] * (c + 1) if self.origins is None else self.origins[y, x, : c + 1].tolist()
        lambdas, before = None, ()
        if tables.limit and c in (1, 2):
            lambdas = self.outputs["lambda"][y, x].reshape(3, k).tolist()
            before = [64 * int(out[y, x, i]) - origins[i] for i in range(c)]
        tau = self.tau[c * k : c * k + k] if self.tau else [0] * k
        v = [clamp(one + t, tables.v_min, tables.v_max) for one, t in zip(log_sigma, tau)]
        return tables.weights(logits), tables.means(mu, origins[c], c, lambdas, before), v

    def _plain(self, stream, x0, y0, w, h, out):
        tables = self.tables
        for y in range(y0, y0 + h):
            for start in range(x0, x0 + w, 16):
                for c, (low, high) in enumerate(self.alphabets):
                    for j, x in enumerate(range(start, min(start + 16, x0 + w))):
                        weights, means, v = self._sample(y, x, c, out)
                        scales = [one - tables.v_min for one in v]
                        shares = tables.shares(weights, means, scales, low, high)
                        out[y, x, c] = decode(stream, j, shares)[0]

    def _adapted(self, stream, x0, y0, w, h, out):
        adaptation = Adaptation(self.tables, len(self.alphabets))
        for band in range(0, h, 16):
            rows = min(16, h - band)
            for t in range(w + 3 * (rows - 1)):
                for c, (low, high) in enumerate(self.alphabets):
                    decoded = []
                    for r in range(rows):
                        x = t - 3 * r
                        if 0 <= x < w:
                            y = band + r
                            weights, means, v = self._sample(y0 + y, x0 + x, c, out)
                            means, scales, sample = adaptation.mixture(c, x, y, weights, means, v)
                            shares = self.tables.shares(weights, means, scales, low, high)
                            symbol, start, end = decode(stream, r, shares)
                            out[y0 + y, x0 + x, c] = symbol
                            decoded.append((sample, symbol, start, end, shares))
                    adaptation.learn(c, decoded)


def uniform(data, rect, out, low, levels):
    """Symbols that are all equally likely."""
    stream = Stream(data)
    x0, y0, w, h = rect
    channels = out.shape[2]
    check(stream.lanes > 1 or w * h * channels <= 1 << 18, "a large tile of one lane")
    for y in range(y0, y0 + h):
        for start in range(x0, x0 + w, 16):
            for c in range(channels):
                for j, x in enumerate(range(start, min(start + 16, x0 + w))):
                    out[y, x, c] = stream.uniform(low, levels, j)
    stream.finish()
