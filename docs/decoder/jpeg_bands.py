"""Components of JPEG files, their bands, and what surrounds a block: format-jpeg-coefficients.md, 1, 5 and 8."""

import numpy as np

from reader import check
from tables import TABLES

KINDS = ("left", "above", "own", "dc", "around_size", "own_size", "luma_size", "previous_size")
WEIGHTS = [{kind: TABLES["jpeg." + kind][number] for kind in KINDS} for number in range(2)]


def _zigzag():
    order = []
    for d in range(15):
        places = [8 * v + d - v for v in range(8) if 0 <= d - v < 8]
        order += places[::-1] if d % 2 == 0 else places
    return order


ZIGZAG = _zigzag()


def level(x, most):
    if x >= 2:
        w = x.bit_length() - 1
        x = 2 * w + (x >> (w - 1) & 1)
    return most if x > most else x


def fine(x, most):
    if x >= 4:
        w = x.bit_length() - 1
        x = 4 * (w - 1) + (x >> (w - 2) & 3)
    return most if x > most else x


def signed(x, most):
    return most + level(x, most) if x >= 0 else most - level(-x, most)


def clamp(x, low, high):
    return low if x < low else high if x > high else x


def divided(a, b):
    """Rounded towards zero; b > 0."""
    return a // b if a >= 0 else -(-a // b)


class Component:
    """coefficients: (rows, columns, 64). The DCs are coefficients of place 0."""

    def __init__(self, rows, columns, across, down, steps):
        check(rows <= 8192 and columns <= 8192, "a JPEG of too many blocks")
        self.rows, self.columns, self.across, self.down = rows, columns, across, down
        self.steps = [step or 1 for step in steps]
        self.c = np.zeros((rows, columns, 64), np.int64)


def model_of(number):
    """(which model, of which class)."""
    return (0, 1, 1, 3)[number], int(number in (1, 2))


def bands(components, most):
    """Of each band the rows (from, to) of each component."""
    height = max(1, max(-(-c.rows // c.down) for c in components))
    blocks = sum(c.rows * c.columns for c in components)
    wanted = clamp((blocks + most // 2) // most, 1, height)
    h = -(-height // wanted)
    for b in range(-(-height // h)):
        yield [(min(b * h * c.down, c.rows), min((b + 1) * h * c.down, c.rows)) for c in components]


DC_MOST, AC_MOST = 120000, 30000


class Luma:
    """The blocks of component 0 that belong to those of another."""

    def __init__(self, components, rows, number):
        mine, luma = components[number], components[0]
        (self.top, self.bottom), self.columns = rows[0], luma.columns
        self.there = number > 0 and self.bottom > self.top and luma.columns > 0
        self.mine, self.luma = mine, luma
        self.d, self.a = max(1, luma.down // mine.down), max(1, luma.across // mine.across)
        self.same = luma.down == mine.down and luma.across == mine.across

        def of(mine, luma):
            ratio = luma // mine
            return [(f + ratio - 1) // ratio if luma >= mine else min(f * mine // luma, 7) for f in range(8)]

        v, u = of(mine.down, luma.down), of(mine.across, luma.across)
        self.place = np.array([8 * v[p >> 3] + u[p & 7] for p in range(64)])

    def blocks(self, row, column):
        """row: from the band's first one. An array (blocks, 64)."""
        y, x = row * self.luma.down // self.mine.down, column * self.luma.across // self.mine.across
        rows = [min(self.top + y + i, self.bottom - 1) for i in range(self.d)]
        columns = [min(x + i, self.columns - 1) for i in range(self.a)]
        return self.luma.c[np.ix_(rows, columns)].reshape(-1, 64)


def has_previous(components, number):
    if number < 2:
        return False
    a, b = components[number - 1], components[number]
    return a.across == b.across and a.down == b.down


class DcRow:
    """Guesses of a component's DCs: 8. errors: of the band, (row, column)."""

    START = [42000, -24000, 14000, -3000, -2000, 0, 0, 0, 0, 0]

    def __init__(self, components, rows, number):
        self.component = components[number]
        self.first, self.last = rows[number]
        self.luma = Luma(components, rows, number)
        self.previous = components[number - 1] if has_previous(components, number) else None
        self.before = rows[number - 1] if self.previous else None
        self.weights = list(self.START)
        self.errors = {}

    def look(self, row, column):
        """row: of the picture. The guess, and the contexts that both coders have."""
        c, first, columns = self.component.c, self.first, self.component.columns

        def at(y, x, other):
            return int(c[y, x, 0]) if first <= y and 0 <= x < columns else other

        w = at(row, column - 1, None)
        n = at(row - 1, column, None)
        if w is None:
            w = 0 if n is None else n
        if n is None:
            n = w
        ww, nw, ne = at(row, column - 2, w), at(row - 1, column - 1, n), at(row - 1, column + 1, n)
        nn, nne = at(row - 2, column, n), at(row - 2, column + 1, ne)
        x = [n - w, nw - w, ne - w, ww - w, nn - w, nne - w] + self._others(row, column)
        self.x = [clamp(value, -16383, 16383) for value in x]
        total = sum(a * b for a, b in zip(self.weights, self.x))
        self.guess = g = clamp(w + ((total + 32768) >> 16), -32768, 32767)
        errors = self.errors
        self.el, self.ea = errors.get((row, column - 1), 0), errors.get((row - 1, column), 0)
        corners = abs(errors.get((row - 1, column - 1), 0)) + abs(errors.get((row - 1, column + 1), 0))
        self.busy = fine(abs(w - nw) + abs(n - nw) + abs(n - ne) + abs(w - ww), 31)
        self.off = fine(abs(self.el) + abs(self.ea) + corners, 31)
        self.around = w, n, nw, ne
        return g

    def _others(self, row, column):
        out = []
        for there, value in ((self.luma.there, self._luma), (self.previous is not None, self._previous)):
            mine = value(row, column) if there else None
            for y, x in ((row, column - 1), (row - 1, column)):
                inside = there and mine is not None and y >= self.first and x >= 0
                other = value(y, x) if inside else None
                out.append(mine - other if other is not None else 0)
        return out

    def _luma(self, row, column):
        blocks = self.luma.blocks(row - self.first, column)[:, 0]
        return divided(int(blocks.sum()), len(blocks))

    def _previous(self, row, column):
        if self.before[0] <= row < self.before[1] and column < self.previous.columns:
            return int(self.previous.c[row, column, 0])
        return None

    def learn(self, row, column, error):
        y = (self.guess + error + 32768) % 65536 - 32768
        self.component.c[row, column, 0] = y
        self.errors[row, column] = error
        d = divided((y - self.guess) * 2048 * 256, 64 + sum(x * x for x in self.x))
        self.weights = [clamp(w + (d * x >> 8), -(1 << 18), 1 << 18) for w, x in zip(self.weights, self.x)]


NOTHING = np.zeros(64, np.int64)


class AcRows:
    """A component's part of a band, and what is around a block. counts: of coefficients that are not 0."""

    def __init__(self, components, rows, number):
        self.components, self.number = components, number
        self.component = component = components[number]
        self.first, self.last = rows[number]
        self.luma = Luma(components, rows, number)
        self.previous = components[number - 1] if has_previous(components, number) else None
        self.before = rows[number - 1] if self.previous else None
        self.steps = np.array(component.steps, np.int64)
        self.inverse = (1 << 24) // self.steps
        self.weights = WEIGHTS[model_of(number)[1]]
        self.counts = np.zeros((self.last - self.first + 2, component.columns + 3), np.int64)

    def count(self, row, column):
        return int(self.counts[row - self.first + 2, column + 2])

    def set_count(self, row, column, count):
        self.counts[row - self.first + 2, column + 2] = count

    def block(self, row, column):
        """AC coefficients, of place 0 a 0."""
        if row < self.first or not 0 <= column < self.component.columns:
            return NOTHING
        block = self.component.c[row, column].copy()
        block[0] = 0
        return block

    def dc_differences(self, row, column):
        c, mine = self.component.c, self.component.c[row, column, 0]
        out = np.zeros(8, np.int64)
        places = ((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, 1), (1, -1), (1, 0), (1, 1))
        for i, (dy, dx) in enumerate(places):
            y, x = row + dy, column + dx
            if 0 <= y < self.component.rows and 0 <= x < self.component.columns:
                out[i] = c[y, x, 0] - mine
        return out

    def previous_block(self, row, column):
        """The block of the component before at the same place, or None."""
        if self.previous is None or not (self.before[0] <= row < self.before[1] and column < self.previous.columns):
            return None
        block = self.previous.c[row, column].copy()
        block[0] = 0
        return block
