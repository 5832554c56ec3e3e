"""Planes of more than 256 values: format-deep.md, 3 and 5."""

import numpy as np

import olm
from guesses import Guesses
from mixture import clamp, decode
from reader import check
from whole_line import interval, line

F = np.float32
MOST_SYMBOL, SYMBOLS = 1023, 2048


class Adjustment:
    """Three tables of cells: format-deep.md, 5."""

    def __init__(self):
        self.octaves, self.move, self.count = ([[F(0)] * 64 for _ in range(3)] for _ in range(3))

    def look(self, cells):
        d, m = F(0), F(0)
        for t, cell in enumerate(cells):
            d, m = d + self.octaves[t][cell], m + self.move[t][cell]
        return int(np.rint(min(max(d, F(-96)), F(96)))), min(max(m, F(-2)), F(2))

    def learn(self, cells, u, v):
        w, whole = F(v - u), F(2.0**20)
        a, b = F(u) / whole, F(v) / whole
        g = F(line(u) - line(v)) * F(2.0**-10) / w
        r = (a * (F(1) - a) - b * (F(1) - b)) * whole / w
        g, r = min(max(g, F(-3)), F(3)), min(max(r, F(-3)), F(3))
        for t, cell in enumerate(cells):
            count = self.count[t][cell]
            rate = F(0.25) * F(300) / (count + F(300)) + F(0.02)
            self.octaves[t][cell] = self.octaves[t][cell] + rate * g
            self.move[t][cell] = self.move[t][cell] + F(0.003) * r
            self.count[t][cell] = count + F(1)


class Sample:
    """One of a step's: its base and shift, its shares, and how it was guessed."""

    def __init__(self, base, shift, shares, cells):
        self.base, self.shift, self.shares, self.cells = base, shift, shares, cells
        self.guess = None
        self.asked = self.done = False
        self.without = None


class WidePlane(olm.Plane):
    def __init__(self, model, solve_every, seen, height, width, values, k):
        super().__init__(model, solve_every, seen, olm.Kind(), height, width, (0, 0), values, k)
        self.guesses = self.adjustment = None

    def guess(self, distances):
        self.guesses, self.adjustment = Guesses(self, distances), Adjustment()

    def _symbols(self, stream):
        samples = self._samples()
        if self.guesses:
            self.guesses.ask(stream, samples)
        intervals = []
        for j, sample in enumerate(samples):
            if sample.done:
                h = self.guesses.symbol(sample)
                intervals.append((h, sample.shares.start(h), sample.shares.start(h + 1)))
            elif sample.without is not None:
                h = self.guesses.other(stream, j, sample)
                intervals.append((h, sample.shares.start(h), sample.shares.start(h + 1)))
            else:
                intervals.append(decode(stream, j, sample.shares))
        ranks = []
        for j, (sample, (h, _, _)) in enumerate(zip(samples, intervals)):
            rank = sample.guess if sample.done else self._rank(stream, j, sample, h)
            check(0 <= rank < self.values, "a rank that its plane does not have")
            ranks.append(rank)
        if self.adjustment:
            for sample, (_, start, end) in zip(samples, intervals):
                if not (sample.asked and self.guesses.sure(sample)):
                    self.adjustment.learn(sample.cells, *interval(sample.shares, start, end))
        return ranks

    def _rank(self, stream, j, sample, h):
        first = sample.base + (h << sample.shift)
        if h == -MOST_SYMBOL:
            first += (1 << sample.shift) - 1
            check(first >= 0, "a rank that its plane does not have")
            bits = first.bit_length()
            return first - (stream.number(bits, j) if bits else 0)
        bits = sample.shift
        if h == MOST_SYMBOL:
            check(first < self.values, "a rank that its plane does not have")
            bits = (self.values - first - 1).bit_length()
        return first + (stream.number(bits, j) if bits else 0)

    def _samples(self):
        tables, k = self.model.tables, self.k
        sigma, centre = self.sigma * self.unit, self.centre * self.unit
        shift = np.clip((sigma.view(np.int32) >> 23) - 127 - 4, 0, 15)
        scale = np.ldexp(F(1), shift.astype(np.int32))
        base = np.rint(centre)
        origins = np.rint(((centre - base + F(0.5)) / scale - F(0.5)) * F(64)).astype(np.int64).tolist()
        factors = np.rint(sigma / scale * F(64)).astype(np.int64).tolist()
        octaves = np.rint(self.log_sigma * F(32)).astype(np.int64).tolist()
        shift, base = shift.tolist(), base.astype(np.int64).tolist()
        inputs = self.head_inputs()
        cells = [None] * len(base)
        if self.adjustment:
            cells = self._cells(octaves, inputs)
            for j, three in enumerate(cells):
                d, m = self.adjustment.look(three)
                origins[j] = clamp(origins[j] + int(np.rint(m * F(factors[j]))), -32768, 32767)
                o = (d + 31) >> 5
                factors[j] = factors[j] * tables.exp2[32 * o - d] >> (15 - o)
                octaves[j] += d
        more = [octave + 32 * (k - s) for octave, s in zip(octaves, shift)]
        out = []
        for j, (weights, mu, sigmas) in enumerate(self.mixtures(self.outputs(inputs), factors, more)):
            means = tables.means(mu, clamp(origins[j], -16384, 16384))
            low = max(-base[j] >> shift[j], -MOST_SYMBOL)
            high = min((self.values - 1 - base[j]) >> shift[j], MOST_SYMBOL)
            shares = tables.shares(weights, means, tables.scales(sigmas), low, high, SYMBOLS)
            out.append(Sample(base[j], shift[j], shares, cells[j]))
        return out

    def _cells(self, octaves, inputs):
        first = 3 * len(self.solvers) + 26
        difference = (inputs[:, first] - inputs[:, first + 1]).tolist()
        level = (self.centre * (F(255) / self.most) * F(0.125)).astype(np.int64).tolist()
        edge = (self.centre * self.unit < F(0.5)) | ((self.most - self.centre) * self.unit < F(0.5))
        out = []
        for j, octave in enumerate(octaves):
            if edge[j]:
                out.append((63, 63, 63))
                continue
            third = int((difference[j] + 60) / 5)
            out.append((clamp((octave + 32 * self.k >> 4) + 8, 0, 62), clamp(level[j], 0, 31), clamp(third, 0, 24)))
        return out
