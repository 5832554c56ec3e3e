"""The coefficients of JPEG files, efforts 0 to 2: format-jpeg-coefficients.md, 6 to 8."""

import numpy as np

from jpeg_bands import AC_MOST, DC_MOST, ZIGZAG, AcRows, DcRow, bands, clamp, fine, level, model_of, signed
from ranges import Alone, RangeDecision, RangeReader
from reader import check
from tables import TABLES

ZONE = [int(zone) for zone in TABLES["jpeg.zone"]]
NODES = ["Fast", "Default", "Dense"]


def _starts(name):
    return (TABLES["jpeg." + name] << 19).tolist()


def weighed(c, steps):
    return np.clip(np.clip(c, -16383, 16383) * steps, -16383, 16383)


def decode_dcs(components, streams):
    layout = list(bands(components, DC_MOST))
    check(len(streams) == len(layout), "a JPEG of another number of bands")
    for rows, data in zip(layout, streams):
        stream = RangeReader(data)
        models = {}
        for number, component in enumerate(components):
            name, kind = model_of(number)
            model = models.setdefault(name, _Dc(kind))
            first, last = rows[number]
            row_of = DcRow(components, rows, number)
            for row in range(first, last):
                for column in range(component.columns):
                    row_of.look(row, column)
                    row_of.learn(row, column, model.error(stream, row_of))
        stream.finish()


class _Dc:
    def __init__(self, kind):
        self.decision = RangeDecision(8, 2, True, 250)
        self.start = _starts("Dc")[kind]

    def error(self, stream, s):
        w, n, nw, ne = s.around
        g, busy, off = s.guess, s.busy, s.off
        o = s.x[8] + s.x[9] if s.previous is not None else s.x[6] + s.x[7]
        contexts = [
            (busy, off),
            off,
            (signed(w - g, 15), busy),
            (signed(n - g, 15), off),
            (signed(w + n - nw - g, 15), off // 2),
            (signed(ne - g, 15), busy // 2),
            (signed(o, 15), off // 2),
            (signed(s.el, 7), signed(s.ea, 7)),
        ]

        def bit(node):
            slots = [(context, node) for context in contexts]
            maps = ((busy, node), (off, node))
            return self.decision.bit(stream, slots, (node, (busy, node)), node, maps, self.start[min(node, 2)])

        if not bit(0):
            return 0
        negative = bit(1)
        n = 1
        while n <= 15 and bit((17 if negative else 1) + n):
            n += 1
        if n <= 2:
            magnitude = n
        else:
            h = 1
            for b in range(n - 3, -1, -1):
                if b == n - 3:
                    node = 32 + n
                elif b == n - 4:
                    node = 48 + 2 * min(n - 4, 3) + h % 2
                else:
                    node = 56 + min(b, 7)
                h = 2 * h + bit(node)
            magnitude = h + 1
        return -magnitude if negative else magnitude


def decode_acs(components, streams, effort):
    layout = list(bands(components, AC_MOST))
    check(len(streams) == len(layout), "a JPEG of another number of bands")
    for rows, data in zip(layout, streams):
        stream = RangeReader(data)
        models = {}
        for number, component in enumerate(components):
            name, kind = model_of(number)
            model = models.setdefault(name, _Ac(kind, effort))
            part = AcRows(components, rows, number)
            for row in range(part.first, part.last):
                for column in range(component.columns):
                    _Block(model, part, stream, row, column).decode()
        stream.finish()


class _Ac:
    def __init__(self, kind, effort):
        self.effort, rich = effort, effort > 0
        fast = "" if rich else "Fast"
        nodes = (8, 8, 24)[effort]
        self.nodes = RangeDecision(nodes, (1, 2, 6)[effort], rich, 400)
        self.sign = RangeDecision(8, 2 if rich else 1, rich, 250)
        self.digit = RangeDecision(8, 2 if rich else 1, rich, 1000)
        self.count = RangeDecision(8, 3 if rich else 1, rich, 250)
        self.plain_digits = Alone(1000)
        self.start_nodes = _starts(NODES[effort])[kind]
        self.start_sign, self.start_digit = _starts(fast + "Sign")[kind], _starts(fast + "Digit")[kind]
        self.start_count = _starts(fast + "Count")[kind]


class _Block:
    def __init__(self, model, part, stream, row, column):
        self.model, self.part, self.stream, self.row, self.column = model, part, stream, row, column
        block = part.block
        self.left, self.above = block(row, column - 1), block(row - 1, column)
        corner, right = block(row - 1, column - 1), block(row - 1, column + 1)
        self.right = np.abs(right).tolist()
        self.left2, self.above2 = np.abs(block(row, column - 2)).tolist(), np.abs(block(row - 2, column)).tolist()
        b = 3 * (np.abs(self.left) + np.abs(self.above)) + np.abs(corner) + np.abs(right)
        self.b = b.tolist()
        w, steps = part.weights, part.steps
        self.d = weighed(part.dc_differences(row, column), steps[0])
        mean = weighed(self.left, steps) @ w["left"] + weighed(self.above, steps) @ w["above"] + self.d @ w["dc"]
        size = np.minimum(np.minimum(b, 16383) * steps // 3, 16383) @ w["around_size"]
        self.luma, self.luma_value = [0] * 64, [0] * 64
        if part.luma.there:
            luma = part.luma
            blocks = luma.blocks(row - part.first, column)
            sizes = np.minimum(np.abs(blocks).sum(0) * 4 // len(blocks), 16383)[luma.place]
            own = np.array(luma.luma.steps, np.int64)[luma.place]
            y = np.minimum(sizes * own >> 2, 16383)
            y[0] = 0
            size = size + y @ w["luma_size"]
            self.luma = sizes.tolist()
            if luma.same:
                self.luma_value = blocks[0].tolist()
        self.previous = part.previous_block(row, column)
        if self.previous is not None:
            before = np.array(part.previous.steps, np.int64)
            size = size + np.abs(weighed(self.previous, before)) @ w["previous_size"]
            self.previous = self.previous.tolist()
        self.mean, self.size = mean, size
        self.c = [0] * 64
        self.m = [0] * 64
        self.left, self.above = self.left.tolist(), self.above.tolist()

    def _expected(self):
        return np.maximum(self.size, 0) * self.part.inverse >> 32

    def decode(self):
        part, row, column = self.part, self.row, self.column
        remaining = self._count()
        check(remaining <= 63, "a block with more coefficients than there are")
        part.set_count(row, column, remaining)
        self.total = remaining
        self.last = self.last2 = self.sum = self.coded = 0
        expected = self._expected().tolist()
        for z in range(1, 64):
            if remaining == 0:
                break
            p = ZIGZAG[z]
            value = self._coefficient(z, p, remaining, expected)
            magnitude = abs(value)
            self.last2, self.last = self.last, magnitude
            if value:
                self.c[p], self.m[p] = value, magnitude
                self.sum, self.coded = self.sum + magnitude, self.coded + 1
                remaining -= 1
                w = int(np.clip(clamp(value, -16383, 16383) * int(part.steps[p]), -16383, 16383))
                self.mean = self.mean + part.weights["own"][p] * w
                self.size = self.size + part.weights["own_size"][p] * abs(w)
                expected = self._expected().tolist()
        part.component.c[row, column, 1:] = self.c[1:]

    def _count(self):
        part, row, column = self.part, self.row, self.column
        count = part.count
        l, a = count(row, column - 1), count(row - 1, column)
        e, r = count(row - 1, column - 1), count(row - 1, column + 1)
        total = 3 * (l + a) + e + r
        expected = self._expected()[1:]
        some, many = int((expected >= 3).sum()), int((expected >= 9).sum())
        whole = int(np.minimum(expected, 32).sum())
        luma = sum(value != 0 for value in self.luma[1:])
        previous = sum(value != 0 for value in self.previous) if self.previous is not None else 0
        d = self.d
        bend = fine(int(np.abs(d[[0, 1, 4, 6]]).sum()) // (int(part.steps[1]) + 1), 31)
        two = count(row, column - 2) + count(row - 2, column)
        many7 = level(many, 7)
        contexts = [
            min(total // 4, 127),
            (level(l, 15), level(a, 15)),
            (min(some, 63), many7),
            min(whole // 8, 127),
            (min(many, 63), 2 * (r > a) + (e > l)),
            min(luma, 63) << 2 | min(level(previous, 7) // 2, 3)
            if part.luma.there
            else bend << 3 | level(total // 8, 7),
            min(previous, 63) << 3 | many7 if self.previous is not None else bend << 2 | many7 // 2,
            (level(two, 15), level(l + a, 15)),
        ]
        model = self.model
        node = 1
        for b in range(5, -1, -1):
            slots = [(context, node) for context in contexts]
            votes = (node, (min(total // 8, 63), b), (min(whole // 16, 63), b))
            maps = (node, (min(some, 63), b))
            node = 2 * node + model.count.bit(self.stream, slots, votes, node, maps, model.start_count)
        return node - 64

    def _magnitude(self, v, u):
        return self.m[8 * v + u] if 0 <= v < 8 and 0 <= u < 8 else 0

    def _coefficient(self, z, p, remaining, expected_sizes):
        model, part, v, u = self.model, self.part, p >> 3, p & 7
        at = self._magnitude
        beside = at(v - 1, u) + at(v + 1, u) + at(v, u - 1) + at(v, u + 1)
        diagonal = at(v - 1, u - 1) + at(v - 1, u + 1) + at(v + 1, u - 1) + at(v + 1, u + 1)
        inside = 2 * beside + diagonal
        far = at(v - 2, u) + at(v + 2, u) + at(v, u - 2) + at(v, u + 2)
        around = ((v - 1, u), (v + 1, u), (v, u - 1), (v, u + 1))
        b_p = self.b[p]
        wide = sum(self.b[8 * y + x] for y, x in around if 0 <= y < 8 and 0 <= x < 8)
        size = expected_sizes[p]
        half = int(part.inverse[p]) // 2
        guess = clamp(int(self.mean[p]) * half >> 32, -16383, 16383)
        g_level = level(abs(guess), 15)
        expected = fine(size, 47)
        places = 64 - z
        fill = 16 * remaining // places
        zone = ZONE[p]
        L, A = abs(self.left[p]), abs(self.above[p])
        previous = self.previous
        m = abs(previous[p]) if previous is not None else self.right[p]
        la, energy = level(L + A, 15), level(2 * (b_p + inside + far) + wide, 31)
        luma = level(self.luma[p], 15) if part.luma.there else level(wide, 15)
        effort = model.effort
        fixed = [
            (p, expected),
            None,
            None,
            (p, remaining),
            (expected, fill, min(zone // 3, 3)),
            (p, level(self.last, 7), level(self.last2, 7)),
            (p, level(L, 7), level(A, 7)),
            (p, level(m, 7), level(inside, 7)),
        ]
        if effort == 2:
            e1 = level(expected_sizes[ZIGZAG[z + 1]], 15) if z < 63 else 0
            e2 = level(expected_sizes[ZIGZAG[z + 2]], 15) if z < 62 else 0
            l, a = part.count(self.row, self.column - 1), part.count(self.row - 1, self.column)
            b15 = level(b_p, 15)
            fixed += [
                (p, level(inside + far, 31)),
                (p, luma),
                (b15, level(inside, 15), luma),
                (p, level(self.sum, 15), level(self.coded, 3)),
                (remaining, level(size, 15), min(level(self.coded, 7) // 2, 3)),
                (level(places, 15), fill, b15),
                (expected // 2, la, level(self.last + self.last2, 15)),
                (p, level(b_p + inside, 15), min(fill // 4, 3)),
                (expected, remaining),
                (p, level(m, 7), level(L + A, 7)),
                (p, level(self.left2[p], 7), level(self.above2[p], 7)),
                (p, level(at(v, u - 1), 7), level(at(v - 1, u), 7)),
                (p, level(at(v - 1, u - 1), 7), level(at(v - 1, u + 1) + at(v + 1, u - 1), 7)),
                (p, e1, e2 // 4),
                (expected // 2, e1, level(remaining, 15)),
                (p, min(l // 4, 15), min(a // 16, 3)),
            ]

        def node(n, same):
            n = min(n, 7)
            toward = 16 + (g_level if same else -g_level)
            fixed[1], fixed[2] = (p, toward), (expected, toward)
            votes = ((p, n), (expected, n), (fill, n), (energy, n), (zone, g_level, n), (luma, la, n))
            maps = ((energy, n), (zone, g_level // 2, n))
            slots = [(context, n) for context in fixed]
            return model.nodes.bit(
                self.stream, slots, votes[: len(model.nodes.votes)], (p, n), maps, model.start_nodes[n]
            )

        if remaining != places and not node(0, True):
            return 0
        differs = self._sign(p, guess, expected, zone)
        negative = (guess < 0) != bool(differs)
        n = 1
        while n <= 15 and node(n, not differs):
            n += 1
        magnitude = n
        if n > 2:
            toward = -guess if negative else guess
            magnitude = self._digits(n, p, toward, size, b_p, zone, remaining) + 1
        value = -magnitude if negative else magnitude
        check(value <= 32767, "a coefficient out of range")
        return value

    def _sign(self, p, guess, expected, zone):
        model, u, v, c = self.model, p & 7, p >> 3, self.c
        way = -1 if guess < 0 else 1
        g = fine(abs(guess), 31)

        def t(x):
            return way * ((x > 0) - (x < 0)) + 1

        def small(x):
            return clamp(way * x, -2, 2) + 2

        n5 = 5 * small(self.left[p]) + small(self.above[p])
        s3 = 9 * t(c[p - 2] if u > 1 else 0) + 3 * t(c[p - 16] if v > 1 else 0) + t(c[p - 9] if u and v else 0)
        o5 = 5 * small(self.previous[p] if self.previous is not None else 0) + small(self.luma_value[p])
        contexts = [(p, g), g, (g, expected), (p, n5), (p, s3), (p, o5), (g // 4, n5, o5), (g // 2, s3, zone // 2)]
        return model.sign.bit(self.stream, contexts, (p, g), p, ((g, expected), p), model.start_sign)

    def _digits(self, n, p, guess, size, b_p, zone, remaining):
        model = self.model
        h = 1
        for b in range(n - 3, -1, -1):
            middle = (2 * h + 1) << b
            where = clamp((guess - 8 * middle) >> (b + 1), -16, 15) + 16
            if model.effort == 0 and b < n - 3:
                h = 2 * h + model.plain_digits.bit(self.stream, (n, b, where, h % 2))
                continue
            scale = clamp((size - 16 * middle) >> (b + 2), -8, 7) + 8
            at = (n, b)
            contexts = [
                (at, where),
                (at, p),
                (at, min(h, 63)),
                (at, scale, level(remaining, 15)),
                (at, scale, zone),
                (at, where, scale),
                (at, level(b_p, 63)),
                (at, zone, where // 2),
            ]
            maps = ((where, min(h, 31)), at)
            h = 2 * h + model.digit.bit(self.stream, contexts, (at, p), at, maps, model.start_digit)
        return h
