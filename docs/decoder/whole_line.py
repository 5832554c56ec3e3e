"""A symbol's share of the whole line, and H of it: format-adaptation.md, 4."""

from tables import TABLES

H = TABLES["adaptation.h"].tolist()


def _t(i):
    return -H[i] if i <= 128 else H[256 - i]


def line(u):
    i = u >> 12
    low = _t(i)
    return 4096 * low + ((_t(i + 1) - low) * (u & 4095) if u & 4095 else 0)


def interval(shares, start, end):
    """[u, v) of the symbol that owns [start, end) of the alphabet."""

    def at(f):
        return (shares.first >> 12) + ((shares.total >> 12) * f >> 20)

    u = at(start)
    v = min(max(at(end), u + 16), 1 << 20)
    return min(u, v - 16), v
