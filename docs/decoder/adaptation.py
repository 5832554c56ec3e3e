"""Mixtures that learn while a tile is decoded: format-adaptation.md."""

from mixture import clamp
from whole_line import interval, line

OWN = [(-1, 0), (0, -1), (1, -1), (-1, -1), (-2, 0), (0, -2), (2, -1), (-2, -1), (1, -2), (-1, -2), (-3, 0)]
BEFORE = [(0, 0), (-1, 0), (0, -1), (1, -1), (-1, -1)]
BEHIND = [(-1, 0), (0, -1)]
OWN_COUNTS = [4, 4, 3, 3, 2, 2, 2, 2]


def lg(x):
    j = x.bit_length() - 1
    return 32 * j + (32 * (x - (1 << j)) >> j)


def towards_zero(a, b):
    return a // b if a >= 0 else -(-a // b)


class Channel:
    """What is remembered of a channel of a tile, and where its features are: (channel, dx, dy)."""

    def __init__(self, c, channels):
        self.e, self.a, self.s = {}, {}, {}
        self.deltas = [0] * 32
        self.features = [(c, dx, dy) for dx, dy in OWN]
        for distance in (1, 2):
            for other, places in ((c - distance, BEFORE), (c + distance, BEHIND)):
                if 0 <= other < channels:
                    self.features += [(other, dx, dy) for dx, dy in places]
        self.neighbours = [(c, dx, dy, n) for (dx, dy), n in zip(OWN, OWN_COUNTS)]
        self.neighbours += [(other, 0, 0, 4) for other in (c - 1, c - 2) if other >= 0]
        self.weights = [0] * len(self.features)


class Sample:
    pass


class Adaptation:
    """Of one tile of one stage."""

    def __init__(self, tables, channels):
        self.tables = tables
        self.channels = [Channel(c, channels) for c in range(channels)]
        e = tables.exp2
        self.u = [e[0]] + [2 * e[32 - i] for i in range(1, 32)]

    def mixture(self, c, x, y, weights, means, v):
        """The mixture that codes the symbol: (means, v'). v: the clamped log_sigma. All else is in `sample`."""
        tables, u, channel = self.tables, self.u, self.channels[c]
        s = Sample()
        s.at = x, y
        first = means[0]
        total = sum(w * clamp(m - first, -65535, 65535) for w, m in zip(weights[1:], means[1:]))
        s.mu = mu = first + ((8192 + total) >> 14)
        spread = 0
        for w, m, one in zip(weights, means, v):
            sigma = u[one % 32] >> clamp(9 - one // 32, 0, 31)
            spread += w * min((89 * sigma >> 6) + abs(m - mu), 65535)
        s.spread = spread = (spread >> 14) + 16
        errors = expected = 4 * spread
        for other, dx, dy, n in channel.neighbours:
            place = x + dx, y + dy
            errors += n * self.channels[other].a.get(place, 0)
            expected += n * self.channels[other].s.get(place, 0)
        s.p = p = clamp(lg(errors) - lg(expected) + 96, 0, 247)
        q = p - 96
        s.r = (1 << 22) // ((spread * (u[q % 32] >> 3) >> (12 - q // 32)) + 19)
        s.f = [self.channels[other].e.get((x + dx, y + dy), 0) for other, dx, dy in channel.features]
        total = sum(((w + 128) >> 8) * f for w, f in zip(channel.weights, s.f))
        s.pi = clamp((8192 + total) >> 14, -4095, 4095)
        b, j = p >> 3, p & 7
        delta = (channel.deltas[b] * (8 - j) + channel.deltas[b + 1] * j + 4096) >> 13
        scale, shift = u[delta % 32] >> 3, 12 - delta // 32
        moved = [clamp(mu + s.pi + ((m - mu) * scale >> shift), -65536, 65535) for m in means]
        scales = [clamp(one + delta, tables.v_min, tables.v_max) - tables.v_min for one in v]
        return moved, scales, s

    def learn(self, c, decoded):
        """decoded: (sample, symbol, start, end, shares) of one step and channel, rows from top to bottom."""
        channel = self.channels[c]
        change = [0] * len(channel.weights)
        for s, symbol, start, end, shares in decoded:
            e = clamp(64 * symbol - clamp(s.mu, 64 * shares.low, 64 * shares.high), -4095, 4095)
            channel.e[s.at], channel.a[s.at], channel.s[s.at] = e, abs(e - s.pi), s.spread
            missed = clamp((e - s.pi) * s.r >> 16, -128, 128)
            for i, f in enumerate(s.f):
                change[i] += missed * clamp(f * s.r >> 16, -128, 128)
        channel.weights = [clamp(w + d, -(1 << 22), 1 << 22) for w, d in zip(channel.weights, change)]
        deltas = channel.deltas
        for s, _, start, end, shares in decoded:
            u, v = interval(shares, start, end)
            g = towards_zero(line(u) - line(v), 16 * (v - u))
            b, j = s.p >> 3, s.p & 7
            deltas[b] = clamp(deltas[b] + g * (8 - j), -(1 << 17), 1 << 17)
            deltas[b + 1] = clamp(deltas[b + 1] + g * j, -(1 << 17), 1 << 17)
