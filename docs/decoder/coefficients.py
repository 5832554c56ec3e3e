"""Quantised coefficients of pictures that were JPEGs: format-dct.md, 1, 5, 7 and 8."""

import coefficient
from decisions import Decision
from reader import check
from tables import TABLES

B = (2896, 4017, 3784, 3406, 2896, 2276, 1567, 799)
S = (2896, 4324, 4893, 5508, 5793, 5422, 4242, 2338)


def level(x, most):
    if x >= 2:
        w = x.bit_length()
        x = 2 * (w - 1) + (x >> (w - 2) & 1)
    return most if x > most else x


def fine(x):
    if x < 4:
        return x
    w = x.bit_length()
    return 4 * (w - 2) + (x >> (w - 3) & 3)


def signed(x, most):
    return most + level(x, most) if x >= 0 else most - level(-x, most)


def divided(a, b):
    """Rounded towards zero; b > 0."""
    return a // b if a >= 0 else -(-a // b)


def clamp(x, low, high):
    return low if x < low else high if x > high else x


def _zigzag():
    inner = []
    for d in range(2, 15):
        order = range(d + 1) if d % 2 == 0 else range(d, -1, -1)
        inner += [8 * v + d - v for v in order if 1 <= v < 8 and 1 <= d - v < 8]
    return inner


GROUPS = [_zigzag(), list(range(1, 8)), list(range(8, 64, 8))]
BESIDE = [[q for dy, dx in ((-1, 0), (0, -1), (0, 1), (1, 0)) for q in [(8 * (p // 8 + dy) + p % 8 + dx)]
           if 0 <= p // 8 + dy < 8 and 0 <= p % 8 + dx < 8] for p in range(64)]  # fmt: skip
DIAGONAL = [[q for dy in (-1, 1) for dx in (-1, 1) for q in [(8 * (p // 8 + dy) + p % 8 + dx)]
             if 0 <= p // 8 + dy < 8 and 0 <= p % 8 + dx < 8] for p in range(64)]  # fmt: skip
FAR = [[q for dy, dx in ((-2, 0), (0, -2), (0, 2), (2, 0)) for q in [(8 * (p // 8 + dy) + p % 8 + dx)]
        if 0 <= p // 8 + dy < 8 and 0 <= p % 8 + dx < 8] for p in range(64)]  # fmt: skip


class Block:
    """c: coefficients. size: their magnitudes, of place 0 that of the DC's error."""

    def __init__(self, known=True):
        self.known = known
        self.c, self.size, self.w = [0] * 64, [0] * 64, [0] * 64
        self.counts = [0, 0, 0]
        self.error = 0

    def put(self, p, value, step):
        self.c[p] = value
        self.w[p] = clamp(value * step, -16384, 16384)
        if p:
            self.size[p] = abs(value)

    def around(self, p):
        size = self.size
        return min(65535, 4 * size[p] + 2 * sum(size[q] for q in BESIDE[p]) + sum(size[q] for q in DIAGONAL[p]))

    def complete(self):
        """Rows of the right edge and columns of the lower one, with both functions."""
        w = self.w
        self.right, self.lower = {}, {}
        for name, t in (("B", B), ("S", S)):
            self.right[name] = [sum(w[8 * v + u] * (-t[u] if u & 1 else t[u]) for u in range(8)) for v in range(8)]
            self.lower[name] = [sum(w[8 * v + u] * (-t[v] if v & 1 else t[v]) for v in range(8)) for u in range(8)]


NOWHERE = Block(False)
NOWHERE.complete()


class Component:
    def __init__(self, rows, columns, steps):
        self.rows, self.columns, self.steps = rows, columns, steps
        self.blocks = {}

    def at(self, row, column):
        return self.blocks.get((row, column), NOWHERE)


def _starts(name):
    return [[64 * int(w) for w in row] for row in TABLES["dct." + name]]


COEFFICIENT, SIGN, BIT, COUNT, DC = (_starts(name) for name in ("Coefficient", "Sign", "Bit", "Count", "Dc"))


class Coder:
    """A component's tables, maps and weights."""

    def __init__(self, stream, number, components, ratio):
        self.stream, self.number, self.components = stream, number, components
        self.component = components[number]
        self.down, self.across = ratio
        self.coder = coefficient.Coder(stream, COEFFICIENT, SIGN[0], BIT[0])
        self.count, self.dc = Decision(8, 2), Decision(8, 2)

    def decode(self):
        component = self.component
        for row in range(component.rows):
            for column in range(component.columns):
                component.blocks[row, column] = self._block(row, column)

    def _luma(self, row, column):
        """(sizes, values, DC errors) by place: format-dct.md, 5."""
        luma = self.components[0]
        if self.number == 0 or not luma.rows or not luma.columns:
            return [0] * 64, [0] * 64, 0
        rows = [min(self.down * row + i, luma.rows - 1) for i in range(self.down)]
        columns = [min(self.across * column + i, luma.columns - 1) for i in range(self.across)]
        blocks = [luma.blocks[r, c] for r in rows for c in columns]
        sizes, values = [0] * 64, [0] * 64
        same = self.down == self.across == 1
        for p in range(64):
            v, u = p >> 3, p & 7
            q = 8 * ((v + 1) // 2 if self.down == 2 else v) + ((u + 1) // 2 if self.across == 2 else u)
            sizes[p] = sum(abs(block.c[q]) for block in blocks) * 4 // len(blocks)
            if same:
                values[p] = blocks[0].c[p]
        return sizes, values, sum(block.error for block in blocks)

    def _block(self, row, column):
        component = self.component
        at = component.at
        around = coefficient.Around(at, row, column)
        around.luma_size, around.luma_value, luma_error = self._luma(row, column)
        around.cb = self.components[1].at(row, column) if self.number == 2 else NOWHERE
        block = Block()
        state = coefficient.State(block, around, component.steps, self.number)
        for group, places in enumerate(GROUPS):
            count = self._count(group, state)
            block.counts[group] = count
            check(count <= len(places), "a block with more coefficients than there are")
            self.coder.group(state, group, places, count)
        self._dc(state, luma_error)
        block.complete()
        return block

    def _count(self, group, s):
        left, above, corner, right = s.around.left, s.around.above, s.around.corner, s.around.right
        l, a, e, r = (block.counts[group] for block in (left, above, corner, right))
        total = 3 * (l + a) + e + r
        inner, row = s.block.counts[0], s.block.counts[1]
        inner31 = min(inner, 31)
        luma = sum(size != 0 for size in s.around.luma_size[1:])
        cb = sum(value != 0 for value in s.around.cb.c[1:])
        two = s.around.left2.counts[group] + s.around.above2.counts[group]
        is_luma, is_cr = s.number == 0, s.number == 2
        if group == 0:
            contexts = [
                total // 4,
                level(l, 15) << 4 | level(a, 15),
                l,
                a,
                4 * (l + a) + 2 * (r > a) + (e > l),
                r if is_luma else luma,
                cb if is_cr else e,
                level(two, 15) << 4 | level(l + a, 15),
            ]
        else:
            # What the borders say of this group's coefficients.
            miss = 0
            for p in GROUPS[group]:
                value = s.column_b[p] if group == 1 else s.row_b[p >> 3]
                miss += min(1000, abs(value) // (2896 * s.steps[p]))
            contexts = [
                total // 2,
                level(l, 15) << 4 | level(a, 15),
                inner31 << 3 | l,
                inner31 << 3 | a,
                level(miss, 15) << 4 | level(inner, 15),
                min(total // 2, 31) << 3 | level(inner, 7) if is_luma else luma,
                cb if is_cr else e if group == 1 else row << 5 | inner31,
                level(miss, 15) << 4 | level(l + a, 15) if group == 1 else row << 6 | l << 3 | a,
            ]
        contexts = [min(context, 511) for context in contexts]
        node = 1
        for digit in range(5 if group == 0 else 2, -1, -1):
            bit = self.count.bit(
                self.stream,
                [(group, context, node) for context in contexts],
                [(group, node), (group, min(contexts[0], 31), digit)],
                group,
                [(group, node), (group, node)],
                COUNT[group],
            )
            node = 2 * node + bit
        return node - (64 if group == 0 else 8)

    def _dc(self, s, luma_error):
        left, above, corner, right = s.around.left, s.around.above, s.around.corner, s.around.right
        _, _, row, column = s.guesses(0)
        if left.known and above.known:
            g = row + column
        else:
            g = 2 * row if left.known else 2 * column if above.known else 0
        guess = clamp((g + 8) >> 4, -2047, 2047)
        tilt = row - column if left.known and above.known else 0
        z, el, ea = abs(tilt), left.error, above.error
        e = sum(abs(block.error) for block in (left, above, corner, right))
        other = s.around.cb.error if s.number == 2 else luma_error
        contexts = [
            level(z, 31),
            level(e, 31),
            level(s.sum, 31) << 3 | level(z // 4, 7),
            level(abs(el), 15) << 4 | level(abs(ea), 15),
            level(sum(s.block.counts), 15) << 4 | level(z, 15),
            signed(tilt, 15) << 4 | level(e // 4, 15),
            signed(other, 15) << 4 | level(e // 4, 15),
            11 * signed(el, 5) + signed(ea, 5),
        ]

        def bit(node):
            return self.dc.bit(
                self.stream,
                [(context, node) for context in contexts],
                [node, (contexts[0], min(node, 31))],
                node,
                [node, (level(e, 15), node)],
                DC[min(node, 2)],
            )

        error = 0
        if bit(0):
            negative = bit(1)
            length = 1
            while length < 12 and bit(length + 1 if negative else length + 13):
                length += 1
            h = 1
            for b in range(length - 2, -1, -1):
                if b == length - 2:
                    node = 26 + length
                elif b == length - 3:
                    node = 40 + 2 * length + h % 2
                else:
                    node = 66 + b
                h = 2 * h + bit(node)
            error = -h if negative else h
        value = guess + error
        check(-2047 <= value <= 2047, "a block's DC out of range")
        s.block.put(0, value, s.steps[0])
        s.block.error = error
        s.block.size[0] = abs(error)


def decode(stream, components, ratio):
    if not any(component.rows and component.columns for component in components):
        check(stream.bit(1 << 19) == 0, "a stream of a picture without blocks that is not a zero")
        stream.finish()
        return
    for number in range(len(components)):
        Coder(stream, number, components, ratio).decode()
    stream.finish()
