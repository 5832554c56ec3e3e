"""A tile of OLM: the wavefront, the experts and the head. format-olm.md, 1 to 4; the units of format-deep.md, 2."""

import numpy as np

from mixture import clamp, decode
from reader import check
from solver import Solver

F = np.float32
TOP, SIDE = 3, 4
EIGHT = [(0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0), (-1, 2), (-1, -2)]
WIDER = [(0, -1), (0, -2), (0, -3)] + [(dy, dx) for dy in (-3, -2, -1) for dx in range(-3, 4)]
CROSS = [(0, 1), (1, 0), (0, -1), (-1, 0)]
DIAGONAL = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
SEEN = [(0, 0), (0, 1), (1, 0), (1, -1), (1, 1), (0, -1), (-1, 0)]
CORRECTED = [(0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0)]
STEPS = [2, 5, 9, 15, 25, 40]


def padded(height, width, value):
    return np.full((TOP + height + 2, SIDE + width + SIDE), value, F)


def log(a):
    """A line between powers of two."""
    return (a.view(np.int32) - (127 << 23)).astype(F) * F(2.0**-23)


def limited(a, low, high):
    a = np.where(a > low, a, F(low))
    return np.where(a < high, a, F(high))


def total(terms):
    """The sum of each row, from its first term to its last."""
    return np.add.accumulate(terms, axis=1, dtype=F)[:, -1]


class Places:
    """Values of a padded array around some pixels."""

    def __init__(self, y, x):
        self.y, self.x = y[:, None] + TOP, x[:, None] + SIDE

    def __call__(self, values, places):
        dy, dx = np.array(places).T
        return values[self.y + dy, self.x + dx]


class Decoded:
    """A plane that others see: samples and errors, in units of 2^k ranks. ranks: as they are."""

    def __init__(self, height, width, start=F(128), k=0):
        self.height, self.width, self.k = height, width, k
        self.ranks = np.zeros((height, width), np.int64)
        self.samples = padded(height, width, start)
        self.errors = padded(height, width, 0)

    def set(self, y, x, value):
        row = self.samples[TOP + y]
        row[SIDE + x] = value
        if x == 0:
            self.samples[TOP + y + 1, :SIDE] = value
        if x == self.width - 1:
            row[SIDE + self.width :] = value

    def complete(self):
        self.samples[-2:] = self.samples[-3]

    def seen_by(self, k):
        """In the units of another plane."""
        if k == self.k:
            return self
        other = Decoded(self.height, self.width, 0, k)
        factor = F(2.0 ** (self.k - k))
        other.samples, other.errors, other.ranks = self.samples * factor, self.errors * factor, self.ranks
        return other


class Kind:
    """What the head knows of a plane's colours. shown: the byte of format-olm.md, 4, 6. blocks: of JPEG's lattice."""

    def __init__(self, shown=0, blocks=False):
        self.shown, self.blocks = shown, blocks


class Plane:
    """Decodes one plane of a tile with the stream that it shares with others. seen: those before it, the last first."""

    def __init__(self, model, solve_every, seen, kind, height, width, alphabet, values=256, k=0):
        self.model, self.every, self.kind = model, solve_every, kind
        self.height, self.width = height, width
        self.low, self.high = alphabet
        self.values, self.k, self.wide = values, k, values > 256
        self.unit = F(2.0**k)
        self.most = F(values - 1) / self.unit
        self.out = Decoded(height, width, F(values // 2) / self.unit, k)
        self.seen = [plane.seen_by(k) for plane in seen]
        self.planes = [self.out] + self.seen
        check(
            len(self.seen) >= max(plane for plane, _, _ in model.inputs), "a plane whose experts see more than there is"
        )
        self.misses = [padded(height, width, 2) for _ in range(len(model.experts) + 2)]
        blocks = (width + 3) // 8 + 1
        self.blocks = blocks
        n = len(model.inputs)
        self.sums = np.zeros((16, n + 1, n), F)
        self.above = np.zeros((2, blocks + 1, n + 1, n), F)
        self.solvers = [Solver(expert, model.priors, blocks, n, self.wide) for expert in model.experts]
        self.corrections = [[F(0), F(0)] for _ in range(7 * 64)]
        self.habits = [F(1), F(1), F(0.25)]

    def decode(self, stream):
        # Numbers beyond binary32 are infinite, as the standard has it.
        with np.errstate(over="ignore", invalid="ignore"):
            self._steps(stream)
        self.out.complete()
        return self.out

    def _steps(self, stream):
        row = max(8 * ((self.width + 15) // 8), 256)
        groups = (self.height + 15) // 16
        for t in range(groups * row + 240):
            lanes = [l for l in range(16) if 0 <= t - 16 * l]
            group = [(t - 16 * l) // row for l in lanes]
            y = np.array([16 * g + l for g, l in zip(group, lanes)])
            place = np.array([(t - 16 * l) % row for l in lanes])
            live = (y < self.height) & (place < 8 * self.blocks)
            if live.any():
                self._step(t, np.array(lanes)[live], y[live], place[live], stream)

    def _step(self, t, lanes, y, place, stream):
        block = place >> 3
        if t % 8 == 0:
            self.sums[lanes] = 0
            for solver in self.solvers:
                solver.begin(lanes, y, block, self.above)
        if t % self.every == 0:
            for solver in self.solvers:
                solver.solve(lanes, self.sums)
        x = place - 4
        active = (x >= 0) & (x < self.width)
        if active.any():
            self._pixels(lanes[active], y[active], x[active], stream)
        if t % 8 == 7:
            for solver in self.solvers:
                solver.end(lanes, y, block, self.sums)
            self.above[y & 1, block] = self.sums[lanes]

    def _pixels(self, lanes, y, x, stream):
        at = self.at = Places(y, x)
        model = self.model
        around = [at(plane.samples, EIGHT) for plane in self.planes]
        means = [(((s[:, 0] + s[:, 1]) + s[:, 2]) + s[:, 3]) * F(0.25) for s in around]
        inputs = np.empty((len(y), len(model.inputs)), F)
        for i, (plane, dy, dx) in enumerate(model.inputs):
            inputs[:, i] = self.planes[plane].samples[y + TOP + dy, x + SIDE + dx] - means[plane]
        self.y, self.x, self.around, self.means = y, x, around, means
        self.sigma = self._scale(at)
        self.halvings = np.zeros(len(y), np.int64)
        if self.wide:
            self.halvings = np.maximum((self.sigma.view(np.int32) >> 23) - 127 - 3, 0)
        self.doubled = np.ldexp(F(1), self.halvings.astype(np.int32))
        predictions = []
        for solver in self.solvers:
            n = solver.n
            terms = np.concatenate([means[0][:, None], solver.weights[lanes] * inputs[:, :n]], 1)
            predictions.append(limited(total(terms), 0, self.most))
        predictions.append(self._median(at))
        context, centre = self._corrected(at, predictions[0])
        predictions.append(centre)
        self.predictions, self.centre, self.log_sigma = predictions, centre, log(self.sigma)
        ranks = self._symbols(stream)
        for py, px, rank in zip(y, x, ranks):
            self.out.ranks[py, px] = rank
            self.out.set(py, px, F(rank) / self.unit)
        samples = self.out.samples[y + TOP, x + SIDE]
        error = samples - centre
        self.out.errors[y + TOP, x + SIDE] = error
        for miss, prediction in zip(self.misses, predictions):
            miss[y + TOP, x + SIDE] = np.abs(samples - prediction)
        self._learn(lanes, samples, inputs, means[0], context, error)

    def _scale(self, at):
        m = at(self.misses[-1], EIGHT)
        near = (m[:, 0] + m[:, 1]) * F(2) + (((m[:, 2] + m[:, 3]) + m[:, 4]) + m[:, 5])
        return (near + (m[:, 6] + m[:, 7]) * F(0.5)) * (F(0.55) / F(9)) + F(0.12) / self.unit

    def _median(self, at):
        a, b, c = self.around[0][:, :3].T
        if self.seen:
            other = self.around[1][:, :3].T
            a, b, c = a - other[0], b - other[1], c - other[2]
        low, high = np.where(a < b, a, b), np.where(a > b, a, b)
        third = (a + b) - c
        inner = np.where(high < third, high, third)
        median = np.where(low > inner, low, inner)
        if self.seen:
            median = at(self.seen[0].samples, [(0, 0)])[:, 0] + median
        return limited(median, 0, self.most)

    def _corrected(self, at, first):
        m = at(self.misses[0], EIGHT[:4])
        e = ((m[:, 0] + m[:, 1]) + (m[:, 2] + m[:, 3]) * F(0.5)) / self.doubled
        context = np.zeros(len(e), np.int64)
        for i, place in enumerate(CORRECTED):
            context += (at(self.out.samples, [place])[:, 0] > first) << i
        for step in STEPS:
            context += 64 * (e >= step)
        sums = np.array([self.corrections[c] for c in context], F)
        moved = first + (sums[:, 0] / (sums[:, 1] + F(4))) * self.doubled
        return context, limited(moved, 0, self.most)

    def _level(self, b, offset):
        h = self.halvings
        return (log(b + self.doubled * F(offset)) - (h + 2).astype(F)) * F(20)

    def head_inputs(self):
        """The bytes less 128: (pixels, inputs)."""
        at, centre, solvers = self.at, self.centre, self.solvers
        scale = F(16) / self.sigma
        level = self._level
        a = [(p - centre) * scale for p in self.predictions[:-1]]
        first = self.predictions[0]
        a += [level(np.abs(p - first), 0.1) for p in self.predictions[1 : len(solvers)]]
        errors = at(self.out.errors, EIGHT).T
        a += [e * scale for e in errors] + [level(np.abs(e), 0.3) for e in errors]
        a += [(s - centre) * scale for s in self.around[0].T]
        for misses in self.misses:
            m = at(misses, EIGHT[:4]).T
            a.append(level((((m[0] + m[1]) + m[2]) + m[3]) * F(0.25), 0.2))
        a.append(level(total(np.abs(at(self.out.errors, WIDER))) * (F(1) / F(24)), 0.2))
        a.append((self.log_sigma - (self.halvings + 2).astype(F)) * F(20))
        a.append(centre * (F(255) / self.most) - F(127.5))
        ranks = centre * self.unit
        a.append((ranks - np.rint(ranks)) * F(200))
        h0, h1, h2 = self.habits
        for value in (F(self.kind.shown), (h0 - F(1)) * F(64), (h1 - F(2)) * F(20), (h2 - F(0.5)) * F(200)):
            a.append(np.full(len(centre), value, F))
        for place, remainder in ((self.x, 0), (self.x, 7), (self.y, 0), (self.y, 7)):
            a.append(np.where(place % 8 == remainder, F(64 if self.kind.blocks else 0), F(0)))
        for plane, mean in zip(self.seen, self.means[1:]):
            e = at(plane.errors, [(0, 0)])[:, 0]
            a += [e * scale, level(np.abs(e), 0.3)]
            for places in (CROSS, DIAGONAL):
                a.append(level(total(np.abs(at(plane.errors, places))) * F(0.25), 0.3))
            a += [e * scale for e in at(plane.errors, CROSS[:2]).T]
            a += [(s - mean) * scale for s in at(plane.samples, SEEN).T]
        a = np.rint(limited(np.stack(a, 1), -127, 127)).astype(np.int64)
        return np.pad(a, ((0, 0), (0, -a.shape[1] % 4)))

    def outputs(self, bytes_of_head):
        graph = self.model.graph
        return graph.run([bytes_of_head[None]])[graph.only][0]

    def mixtures(self, outputs, factor, octaves):
        """(weights, mu, log_sigma) of each pixel. factor: 64 sigma, rounded. octaves: what log_sigma grows by."""
        k = self.model.tables.k
        out = []
        for o, f, more in zip(outputs.tolist(), factor, octaves):
            mu = [clamp((v * f + 128) >> 8, -32768, 32767) for v in o[k : 2 * k]]
            sigmas = [clamp(v + more, -32768, 32767) for v in o[2 * k :]]
            out.append((self.model.tables.weights(o[:k]), mu, sigmas))
        return out

    def _symbols(self, stream):
        tables = self.model.tables
        factor = np.rint(self.sigma * F(64)).astype(np.int64).tolist()
        octaves = np.rint(self.log_sigma * F(32)).astype(np.int64).tolist()
        origins = (np.rint(self.centre * F(64)).astype(np.int64) - 8192).tolist()
        ranks = []
        mixtures = self.mixtures(self.outputs(self.head_inputs()), factor, octaves)
        for j, ((weights, mu, sigmas), origin) in enumerate(zip(mixtures, origins)):
            means = tables.means(mu, clamp(origin, -16384, 16384))
            shares = tables.shares(weights, means, tables.scales(sigmas), self.low, self.high)
            ranks.append(decode(stream, j, shares)[0] + 128)
        return ranks

    def _learn(self, lanes, samples, inputs, mean, context, error):
        u = self.sigma + F(0.15)
        share = F(5) / (u * u)
        rows = np.concatenate([inputs, (samples - mean)[:, None]], 1)
        self.sums[lanes] += (share[:, None] * rows)[:, :, None] * inputs[:, None, :]
        missed = (samples - self.predictions[0]) / self.doubled
        for c, e in zip(context, missed):
            pair = self.corrections[c]
            pair[0], pair[1] = pair[0] + e, pair[1] + F(1)
            if pair[1] > 200:
                pair[0], pair[1] = pair[0] * F(0.5), pair[1] * F(0.5)
        magnitude = np.abs(error)
        seen = [magnitude / self.sigma, self.log_sigma, np.where(magnitude < F(0.5), F(1), F(0))]
        for i, values in enumerate(seen):
            sum_of = F(0)
            for value in values:
                sum_of = sum_of + value
            self.habits[i] = self.habits[i] + (sum_of - F(len(lanes)) * self.habits[i]) * F(1 / 4096)
