"""A coefficient of pictures that were JPEGs: format-dct.md, 5 and 6."""

import coefficients as c
from decisions import Decision, Guess


class Around:
    def __init__(self, at, row, column):
        self.left, self.above = at(row, column - 1), at(row - 1, column)
        self.corner, self.right = at(row - 1, column - 1), at(row - 1, column + 1)
        self.left2, self.above2 = at(row, column - 2), at(row - 2, column)


class State:
    """A block at work, and what its borders leave unexplained."""

    def __init__(self, block, around, steps, number):
        self.block, self.around, self.number = block, around, number
        self.steps = [step or 1 for step in steps]
        self.row_b, self.row_s = list(around.left.right["B"]), list(around.left.right["S"])
        self.column_b, self.column_s = list(around.above.lower["B"]), list(around.above.lower["S"])
        self.last = self.last2 = self.sum = self.coded = 0
        self.places = self.remaining = 0

    def put(self, p, value):
        self.block.put(p, value, self.steps[p])
        w, v, u = self.block.w[p], p >> 3, p & 7
        self.row_b[v] -= w * c.B[u]
        self.row_s[v] -= w * c.S[u]
        self.column_b[u] -= w * c.B[v]
        self.column_s[u] -= w * c.S[v]

    def guesses(self, p):
        """l, a, l', a'."""
        v, u, s = p >> 3, p & 7, self.steps[p]

        def guess(known, value, t):
            return c.clamp(c.divided(value * 8, t * s), -16384, 16384) if known else 0

        left, above = self.around.left.known, self.around.above.known
        return (
            guess(left, self.row_b[v], c.B[u]),
            guess(above, self.column_b[u], c.B[v]),
            guess(left, self.row_s[v], c.S[u]),
            guess(above, self.column_s[u], c.S[v]),
        )


def _sign(x):
    return (x > 0) - (x < 0) + 1


def _small(x):
    return c.clamp(x, -2, 2) + 2


class Coder:
    def __init__(self, stream, nodes, sign, digit):
        self.stream = stream
        self.start_nodes, self.start_sign, self.start_digit = nodes, sign, digit
        self.nodes, self.signs, self.digits = Decision(15, 4), Decision(8, 2), Decision(6, 2)
        self.guess = Guess(8191, 4096, [0] * 12)
        self.expected = Guess(16383, 2048, [8192] * 7 + [0] * 5)

    def group(self, state, group, places, count):
        state.last = state.last2 = 0
        remaining = count
        for i, p in enumerate(places):
            if remaining == 0:
                break
            remaining -= self._coefficient(state, group, p, remaining, len(places) - i) != 0

    def _coefficient(self, s, group, p, remaining, places):
        block, around, u, v = s.block, s.around, p & 7, p >> 3
        mine = block.c
        L, A = around.left.size[p], around.above.size[p]
        K = around.corner.size[p] + around.right.size[p]
        inside = 2 * sum(block.size[q] for q in c.BESIDE[p]) + sum(block.size[q] for q in c.DIAGONAL[p])
        far = sum(block.size[q] for q in c.FAR[p])
        blocks = 3 * (L + A) + K
        wide = around.left.around(p) + around.above.around(p)
        corners = around.corner.around(p) + around.right.around(p)
        energy = 2 * (blocks + inside + far) + wide
        is_luma, is_cr = s.number == 0, s.number == 2
        m = abs(around.cb.c[p]) if is_cr else around.right.size[p]
        luma = c.level(corners if is_luma else around.luma_size[p], 15)
        fill = 16 * remaining // places
        zone = min(u + v - 2, 7) if group == 0 else 7 + group
        l, a, l2, a2 = s.guesses(p)
        straight, slope = (
            (c.divided(l + a, 2), c.divided(l2 + a2, 2)) if group == 0 else (a, a2) if group == 1 else (l, l2)
        )
        up = mine[p - 8 * 2] if v > 1 else 0
        two = mine[p - 2] if u > 1 else 0
        corner = mine[p - 9] if group == 0 else 0
        ahead = mine[p + 9] if group == 0 and u < 7 and v < 7 else 0
        cb, value = around.cb.c[p], around.luma_value[p]
        inputs = [l, a, l2, a2, 8 * around.left.c[p], 8 * around.above.c[p]]
        inputs += [8 * x for x in (two, up, cb, value, corner, ahead)]
        guess = self.guess.guess(p, inputs)
        expected = self.expected.guess(
            p,
            [
                16 * L, 16 * A, 8 * K, 2 * inside, 4 * far, wide // 2, corners // 2, 8 * (s.last + s.last2),
                16 * around.left2.size[p] if is_luma else 4 * around.luma_size[p],
                16 * m if is_cr else 16 * around.above2.size[p], min(2 * abs(guess), 4000), 16,
            ],
        )  # fmt: skip
        expected = c.fine(max(expected, 0))
        contexts = [
            p << 5 | c.level(inside + far, 31),
            p << 6 | remaining,
            p << 6 | c.level(L, 7) << 3 | c.level(A, 7),
            p << 6 | c.level(s.last, 7) << 3 | c.level(s.last2, 7),
            p << 4 | luma,
            p << 6 | c.level(m, 7) << 3 | c.level(inside, 7),
            p << 6 | c.level(s.sum, 15) << 2 | c.level(s.coded, 3),
            c.level(blocks, 15) << 8 | c.level(wide, 15) << 4 | luma,
            p << 6 | expected,
            expected << 7 | fill << 2 | min(zone // 3, 3),
        ]
        level_energy, near = c.level(energy, 31), c.level(blocks + inside, 15)

        def node(n, negative):
            def toward(g):
                return c.signed(abs(g), 15) if n == 0 else c.signed(-g if negative else g, 15)

            g = toward(guess)
            at = contexts + [
                expected << 5 | g, p << 5 | g, 21 * c.signed(l, 10) + c.signed(a, 10), g, toward(slope) << 2 | group
            ]  # fmt: skip
            return self.nodes.bit(
                self.stream,
                [(context, n) for context in at],
                [(p, n), (group, near, n), (fill, n), (level_energy, n)],
                (p, n),
                [(level_energy, n), (p, g) if n == 0 else (p, n, -1)],
                self.start_nodes[min(n, 7)],
            )

        magnitude, negative = 0, 0
        if remaining == places or node(0, 0):
            negative = self._sign(s, group, p, (l, a, l2, a2), (two, up, corner, cb, value), guess)
            length = 1
            while length < 11 and node(length, negative):
                length += 1
            h = 1
            if length > 1:
                toward = (-guess, -straight) if negative else (guess, straight)
                h = self._digits(length, p, toward, blocks, inside, zone, remaining)
            magnitude = h
        result = -magnitude if negative else magnitude
        self.guess.learn(8 * result)
        self.expected.learn(16 * magnitude)
        s.last2, s.last = s.last, magnitude
        s.sum += magnitude
        s.coded += magnitude != 0
        s.put(p, result)
        return result

    def _sign(self, s, group, p, borders, values, guess):
        l, a, l2, a2 = borders
        two, up, corner, cb, value = values
        L, A = c.signed(l, 12), c.signed(a, 12)
        contexts = [
            p << 5 | L,
            p << 5 | A,
            group << 10 | L << 5 | A,
            p << 6 | 5 * _small(s.around.left.c[p]) + _small(s.around.above.c[p]),
            group << 10 | c.signed(l2, 12) << 5 | c.signed(a2, 12),
            p << 5 | 9 * _sign(two) + 3 * _sign(up) + _sign(corner),
            p << 6 | 5 * _small(cb) + _small(value),
            p << 5 | c.signed(guess, 15),
        ]
        votes = [p, 17 * c.signed(l, 8) + c.signed(a, 8)]
        return self.signs.bit(self.stream, contexts, votes, p, [L << 5 | A, p], self.start_sign)

    def _digits(self, length, p, toward, blocks, inside, zone, remaining):
        h = 1
        for b in range(length - 2, -1, -1):
            middle = (2 * h + 1) << b
            where, where2 = (c.clamp((g - 8 * middle) >> (b + 1), -16, 15) + 16 for g in toward)
            scale = c.clamp((blocks - 8 * middle) >> (b + 1), -8, 7) + 8
            n = length - 1 << 4 | b
            contexts = [
                n << 5 | where,
                n << 6 | p,
                n << 6 | min(h, 63),
                n << 8 | scale << 4 | c.level(inside // 4, 15),
                n << 8 | scale << 4 | zone,
                n << 8 | where2 << 3 | c.level(remaining, 7),
            ]
            maps = [where << 5 | min(h, 31), p]
            h = 2 * h + self.digits.bit(self.stream, contexts, [n, p], n, maps, self.start_digit)
        return h
