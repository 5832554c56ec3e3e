"""Samples of pixels that no question found: format-scc.md, 5."""

from ranges import RangeDecision

MASK = 2**64 - 1
TEXTURES = [2, 6, 14, 30, 60]
CONTEXTS = [5, 18, 42, 18, 42]  # by effort


def upper(s):
    return ((s ^ s >> 32) * 0xD6E8FEB86659FD93 & MASK) >> 32


def divided(a, b):
    """Rounded towards zero."""
    return a // b if a >= 0 else -(-a // b)


class Samples:
    def __init__(self, stream, channels, bits, effort, table_bits):
        self.stream, self.channels, self.bits, self.effort = stream, channels, bits, effort
        self.mask = (1 << table_bits) - 1
        self.contexts = CONTEXTS[effort]
        self.expected = 6 if effort else 3
        slots = self.contexts + self.expected
        rich = effort != 0
        self.decision = RangeDecision(slots, 3 if rich else 1, rich, 1000)
        self.start = [4096 // max(slots, 24) << 19] * slots + [0] * (slots if rich else 0)

    def pixel(self, rows, y, x, guess, asked, misses, left, above, number_nw, number_ne):
        colour = []
        for c in range(self.channels):
            around = [_around(rows[c], y, x)]
            for before in (1, 2):
                around.append(_around(rows[c - before], y, x) if c >= before else (0,) * 10)
            known = [colour[c - 1] if c > 0 else 0, colour[c - 2] if c > 1 else 0, colour[0] if c > 2 else 0]
            numbers = (left, above, number_nw, number_ne)
            colour.append(self._sample(c, around, known, guess, asked, misses, numbers))
        return tuple(colour)

    def _sample(self, c, around, known, guesses, asked, misses, numbers):
        largest = (1 << self.bits) - 1

        def k(v):
            return 0 if v < 0 else largest if v > largest else v

        w, n, nw, ne, ww, www, nn, nne, nnn = around[0][:9]
        w1, n1, nw1, ne1, ww1, _, nn1 = around[1][:7]
        w2, n2, nw2, ne2 = around[2][:4]
        p1, p2, p3 = known
        W, N, NW, NE = numbers
        guess = guesses[c]
        grad, grad1, grad2 = k(w + n - nw), k(w1 + n1 - nw1), k(w2 + n2 - nw2)
        median = sorted((w, n, w + n - nw))[1]
        mean = (w + n) // 2
        mean1 = k(mean + p1 - (w1 + n1) // 2)
        mean2 = k(mean + p2 - (w2 + n2) // 2)
        parts = [(p1, p2, p3), (k(w + n - nw + p1 - grad1),), (), (W, p1, p2), (k(2 * w - ww),)]
        if self.contexts > 5:
            parts += [
                (N, p1, p2),
                (guess, int(c > 0 and p1 == guesses[c - 1]), asked),
                (k(w + p1 - w1), p1 - w1),
                (k(n + p1 - n1),),
                (k(w + p2 - w2), p1 - w1),
                (k(n + p2 - n2),),
                (median, p1 - w1),
                (k(2 * n - nn),),
                ((w + ne) // 2, p1),
                (k(w + ne - n),),
                (k(n + ne - nne),),
                (divided(3 * w + 3 * n - 2 * nw + ne, 5), divided(p1 - w1, 4)),
                (mean1, mean2 - mean1),
            ]
        if self.contexts > 18:
            parts += [
                (w, p1, p2),
                (n, p1, p2),
                (w, n, p1),
                (grad, p1 - grad1),
                (k(grad + p1 - grad1), w - n),
                (k(grad + p1 - grad1), p2 - grad2),
                (k(grad + p2 - grad2), p1 - grad1),
                (mean, abs(w - n)),
                (w, n, nw),
                (W, N, p1),
                (W, N, NE + (NW << 18)),
                (k(3 * (w - ww) + www), p1 - w1),
                (k(3 * (n - nn) + nnn), p1 - n1),
                (k(2 * w - ww + p1 - k(2 * w1 - ww1)),),
                (k(2 * n - nn + p1 - k(2 * n1 - nn1)),),
                (k(ne + p1 - ne1), divided(w - nw, 2)),
                (k(nw + p1 - nw1), divided(n - ne, 2)),
                (k(w + divided(ne - n, 2) + p1 - w1 - divided(ne1 - n1, 2)),),
                (k(n + divided(w - nw, 2)), p1 - n1),
                (k((w + n + ne + nw + 2) // 4), divided(p1 - (w1 + n1 + ne1 + nw1 + 2) // 4, 2)),
                (k((w + ne) // 2 + p1 - (w1 + ne1) // 2), k((w + ne) // 2 + p2 - (w2 + ne2) // 2)),
                (k(divided(4 * w + 4 * n + ne - 3 * nw, 6)), (ww + nn) // 32),
                (guess, w, n),
                (w // 4, n // 4, (nw // 4 << 10) + ne // 4 + (nn // 4 << 20)),
            ]
        hashes = []
        for i, part in enumerate(parts):
            u, v, t = part + (0,) * (3 - len(part))
            s = (
                u * 0x9E3779B97F4A7C15
                + v * 0xD6E8FEB86659FD93
                + t * 0xC2B2AE3D27D4EB4F
                + (i + 32 * c + 1) * 0xA0761D6478BD642F
            )
            hashes.append(upper(s & MASK))
        expected = [guess, p1 if c > 0 else n, p2 if c > 1 else w]
        if self.expected > 3:
            if c > 0:
                expected += [grad, k(w + p1 - w1), k(n + p1 - n1)]
            else:
                expected += [grad, mean, k(median)]
        t = (abs(w - n) + abs(n - ne) + abs(w - nw)) >> max(self.bits - 8, 0)
        texture = sum(step <= t for step in TEXTURES)
        return self._bits(c, hashes, expected, min(asked, 3), texture, misses)

    def _bits(self, c, hashes, expected, asked, texture, misses):
        value = node = 1
        group, rest = 0, self.bits % 4 or 4
        slots = [h & self.mask for h in hashes]
        for left in range(self.bits - 1, -1, -1):
            contexts = [(slot, node) for slot in slots]
            agrees = []
            for e in expected:
                agrees.append((1 << self.bits | e) >> (left + 1) == value)
                contexts.append((asked, c, left, agrees[-1], e >> left & 1))
            votes = [(c, left, texture, min(misses, 7)), (c, group, node), (c, left, asked, agrees[0])]
            maps = (
                (c, group, node),
                upper(hashes[1] + value * 0x9E3779B97F4A7C15 & MASK) & 0x3FFF,
            )
            bit = self.decision.bit(self.stream, contexts, votes[: len(self.decision.votes)], c, maps, self.start)
            value, node = 2 * value + bit, 2 * node + bit
            rest -= 1
            if rest == 0 and left:
                group, rest, node = group + 1, 4, 1
                slots = [upper(h + value * 0x9E3779B97F4A7C15 & MASK) & self.mask for h in hashes]
        return value - (1 << self.bits)


def _around(rows, y, x):
    """w, n, nw, ne, ww, www, nn, nne, nnn."""
    row, above, second = rows[y], rows[y - 1], rows[y - 2]
    return (
        row[x - 1],
        above[x],
        above[x - 1],
        above[x + 1],
        row[x - 2],
        row[x - 3],
        second[x],
        second[x + 1],
        rows[y - 3][x],
    )
