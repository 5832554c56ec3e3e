"""Mixtures of logistics: format-entropy.md, 2 and 3."""

from rans import WHOLE
from reader import check


def clamp(value, low, high):
    return low if value < low else high if value > high else value


class Distribution:
    """The tables of a model."""

    def __init__(self, reader):
        self.k, self.channels = reader.varint(), reader.varint()
        check(1 <= self.k <= 15 and 1 <= self.channels <= 8, "a distribution of a wrong size")
        self.v_min, self.v_max = reader.number(2, True), reader.number(2, True)
        self.base_shift = reader.u8()
        check(self.v_min <= self.v_max, "a distribution with a wrong range")
        check(self.base_shift + (self.v_max - self.v_min) // 32 <= 31, "a distribution with a wrong shift")
        self.multiplier = [reader.number(2) for _ in range(32)]
        self.exp2 = [reader.number(2) for _ in range(32)]
        check(all(1 <= m <= 16384 for m in self.multiplier), "a distribution with a wrong multiplier")
        check(all(e <= 32768 for e in self.exp2) and self.exp2[0] >= 1, "a distribution with a wrong power")
        self.logistic = [reader.u32()]
        for _ in range(1024):
            step = reader.number(2)
            check(step <= 4095, "a distribution with a wrong step")
            self.logistic.append(self.logistic[-1] + step)
        check(self.logistic[1024] <= 1 << 18, "a distribution with a wrong logistic function")
        self.limit = reader.varint()
        check(self.limit <= 8192 and (self.limit == 0 or self.channels == 3), "a distribution with a wrong coupling")
        self.lambdas = [reader.number(2, True) for _ in range(2 * self.limit + 1)] if self.limit else []
        check(all(abs(l) <= 16383 for l in self.lambdas), "a distribution with a wrong coefficient")

    def coefficient(self, a):
        return self.lambdas[clamp(a, -self.limit, self.limit) + self.limit]

    def weights(self, logits):
        most = max(logits)
        e = [self.exp2[(most - l) % 32] >> min((most - l) // 32, 31) for l in logits]
        q = (16383 << 17) // sum(e)
        return [(one * q) >> 17 for one in e]

    def means(self, mu, origin, c=0, lambdas=None, before=()):
        """before: the distances y_j of the pixel's symbols from their origins. lambdas: [j][k]."""
        out = []
        for k, m in enumerate(mu):
            g = 0
            if self.limit and c == 1:
                g = self.coefficient(lambdas[0][k]) * before[0]
            elif self.limit and c == 2:
                g = self.coefficient(lambdas[1][k]) * before[0] + self.coefficient(lambdas[2][k]) * before[1]
            out.append(clamp(m + origin + ((g + 512) >> 10), -65536, 65535))
        return out

    def scales(self, log_sigma, tau=None):
        """v'_k."""
        if tau is None:
            return [clamp(v, self.v_min, self.v_max) - self.v_min for v in log_sigma]
        return [clamp(v + t, self.v_min, self.v_max) - self.v_min for v, t in zip(log_sigma, tau)]

    def shares(self, weights, means, scales, low, high, symbols=None):
        return Shares(self, weights, means, scales, low, high, symbols)


class Shares:
    """F of one sample. symbols: the N of format-entropy.md, 3, where it is not that of the alphabet."""

    def __init__(self, tables, weights, means, scales, low, high, symbols=None):
        self.logistic = tables.logistic
        self.parts = [
            (w, m, tables.multiplier[v % 32], tables.base_shift + v // 32) for w, m, v in zip(weights, means, scales)
        ]
        self.low, self.high = low, high
        n = high - low + 1 if symbols is None else symbols
        self.first = self.cdf(low)
        self.total = self.cdf(high + 1) - self.first
        if self.total < 1 << 16:
            self.base, self.r, self.z = WHOLE // n, 0, 0
        else:
            self.base, self.z = 1, 32 - self.total.bit_length()
            self.r = ((WHOLE - n) << 32) // ((self.total << self.z) + 1)

    def cdf(self, x):
        total = 0
        logistic = self.logistic
        at = 64 * x - 32
        for w, m, multiplier, shift in self.parts:
            t = ((at - m) * multiplier) >> shift
            u = (-16384 if t < -16384 else 16383 if t > 16383 else t) + 16384
            i = u >> 5
            low = logistic[i]
            total += w * (low + (((logistic[i + 1] - low) * (u & 31)) >> 5))
        return total

    def start(self, x):
        """F(x), low <= x <= high + 1."""
        if x > self.high:
            return WHOLE
        return (x - self.low) * self.base + ((((self.cdf(x) - self.first) << self.z) * self.r) >> 32)

    def find(self, slot):
        """(symbol, its start, its end)."""
        low, high = self.low, self.high + 1
        at_low, at_high = 0, WHOLE
        while high - low > 1:
            middle = (low + high) >> 1
            start = self.start(middle)
            if start <= slot:
                low, at_low = middle, start
            else:
                high, at_high = middle, start
        return low, at_low, at_high


def decode(stream, lane, shares):
    """(symbol, its start, its end)."""
    symbol, start, end = shares.find(stream.slot(lane))
    stream.advance(start, end - start, lane)
    return symbol, start, end
