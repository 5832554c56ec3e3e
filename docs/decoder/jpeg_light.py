"""The coefficients of JPEG files, effort 3: format-jpeg-light.md."""

import numpy as np

from jpeg_bands import AC_MOST, DC_MOST, WEIGHTS, ZIGZAG, AcRows, DcRow, bands, clamp, fine, model_of
from light_stream import BitSlot, LightStream, Slot
from reader import check
from tables import TABLES

STEPS_OF_REMAINING = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 31, 39, 51]
FIRST_MEAN_FREE = 32


def _slots(name, kind):
    return [Slot(row) for row in TABLES["light." + name][kind].tolist()]


def _escape():
    return Slot([2048 * (i + 1) - 1 for i in range(15)])


def decode(components, dcs, acs):
    for most, streams, band in ((DC_MOST, dcs, _dc_band), (AC_MOST, acs, _ac_band)):
        layout = list(bands(components, most))
        check(len(streams) == len(layout), "a JPEG of another number of bands")
        for rows, data in zip(layout, streams):
            stream = LightStream(data)
            band(components, rows, stream)
            stream.finish()


class _Dc:
    def __init__(self, kind):
        self.busy, self.missed, self.escape = _slots("Busy", kind), _slots("Missed", kind), _escape()
        self.sign = [BitSlot() for _ in range(32)]
        self.digit = [BitSlot() for _ in range(16)]

    def error(self, stream, busy, off):
        symbol = stream.symbol(self.busy[busy], self.missed[off])
        if symbol == 0:
            return 0
        negative = stream.bit(self.sign[busy])
        if symbol == 15:
            magnitude = 191 + stream.escaped(self.escape)
        elif symbol < 4:
            magnitude = symbol
        else:
            magnitude = stream.digits(self.digit[symbol], symbol // 2 - 1, 2 + symbol % 2)
        return -magnitude if negative else magnitude


def _dc_band(components, rows, stream):
    models = {}
    for number, component in enumerate(components):
        name, kind = model_of(number)
        model = models.setdefault(name, _Dc(kind))
        row_of = DcRow(components, rows, number)
        for row in range(*rows[number]):
            for column in range(component.columns):
                row_of.look(row, column)
                error = model.error(stream, row_of.busy, row_of.off)
                check(abs(error) <= 65535, "a DC's error out of range")
                row_of.learn(row, column, (error + 32768) % 65536 - 32768)


class _Ac:
    def __init__(self, kind):
        self.expected, self.escape = _slots("Expected", kind), _escape()
        groups = TABLES["light.Place"][kind].tolist()
        self.place = [Slot(groups[max(z.bit_length() - 1, 0)][i]) for z in range(64) for i in range(16)]
        self.around, self.counted = _slots("CountAround", kind), _slots("CountExpected", kind)
        starts = TABLES["light.Sign"][kind].tolist()
        self.sign = [BitSlot(starts[i % 32], 7) for i in range(64 * 32)]
        self.digit = [BitSlot() for _ in range(16)]
        self.count_digit = [BitSlot() for _ in range(64)]


def _lim(x):
    return np.clip(x, -32767, 32767)


def _product(weights, values):
    """Of each result the sum over the inputs."""
    return ((weights * values[:, None] + (1 << 14)) >> 15).sum(0)


class _Weights:
    """Those of quantised coefficients: 5."""

    def __init__(self, part, components, number):
        w, s, inv = WEIGHTS[model_of(number)[1]], part.steps, part.inverse
        by_own = lambda name, shift: _lim((w[name] * s[:, None] * inv) >> shift)  # noqa: E731
        self.left, self.above, self.own, self.own_size = (by_own(n, 24) for n in ("left", "above", "own", "own_size"))
        self.dc = _lim((w["dc"] * s[0] * inv) >> 22)
        around = by_own("around_size", 22)
        self.around_size = np.sign(around) * (np.abs(around) // 3)
        if part.previous is not None:
            before = np.array(part.previous.steps, np.int64)
            self.previous_size = _lim((w["previous_size"] * before[:, None] * inv) >> 24)
        if part.luma.there:
            summed = np.zeros((64, 64), np.int64)
            for f in range(1, 64):
                summed[part.luma.place[f]] += w["luma_size"][f]
            steps = np.array(components[0].steps, np.int64)
            self.luma_size = _lim((summed * steps[:, None] * inv) >> 24)


def _ac_band(components, rows, stream):
    models = {}
    for number, component in enumerate(components):
        name, kind = model_of(number)
        model = models.setdefault(name, _Ac(kind))
        part = AcRows(components, rows, number)
        weights = _Weights(part, components, number)
        for row in range(part.first, part.last):
            for column in range(component.columns):
                part.component.c[row, column, 1:] = _block(model, part, weights, stream, row, column)[1:]


def _limited(block):
    return np.clip(block, -255, 255)


def _around(part, weights, row, column):
    """Mean and size of each frequency before the block's own coefficients."""
    left, above = part.block(row, column - 1), part.block(row - 1, column)
    corner, right = part.block(row - 1, column - 1), part.block(row - 1, column + 1)
    left, above, corner, right = (_limited(block) for block in (left, above, corner, right))
    d = np.clip(part.dc_differences(row, column), -1023, 1023)
    mean = _product(weights.left, 128 * left) + _product(weights.above, 128 * above) + _product(weights.dc, 32 * d)
    b = np.minimum(3 * (np.abs(left) + np.abs(above)) + np.abs(corner) + np.abs(right), 1023)
    size = _product(weights.around_size, 32 * b)
    if part.luma.there:
        blocks = part.luma.blocks(row - part.first, column)
        magnitudes = np.minimum(np.abs(blocks), 255).sum(0)
        y = np.minimum(magnitudes * (1024 // len(blocks)) // 256, 1023)
        y[0] = 0
        size = size + _product(weights.luma_size, 32 * y)
    previous = part.previous_block(row, column)
    if previous is not None:
        size = size + _product(weights.previous_size, 128 * np.abs(_limited(previous)))
    return mean, size


def _block(model, part, weights, stream, row, column):
    mean, size = _around(part, weights, row, column)
    remaining = _count(model, part, stream, row, column, size)
    part.set_count(row, column, remaining)
    block = np.zeros(64, np.int64)
    for z in range(1, 64):
        if remaining == 0:
            break
        p = ZIGZAG[z]
        value = _coefficient(model, stream, z, int(mean[p]), int(size[p]) & 0xFFFF, remaining)
        if value:
            block[p] = value
            v = clamp(value, -255, 255)
            mean = mean + ((weights.own[p] * (128 * v) + (1 << 14)) >> 15)
            size = size + ((weights.own_size[p] * (128 * abs(v)) + (1 << 14)) >> 15)
            remaining -= 1
    check(remaining == 0, "a block with more coefficients than there are")
    return block


def _count(model, part, stream, row, column, size):
    count = part.count
    l, a = count(row, column - 1), count(row - 1, column)
    if column == 0:
        near = 8 * a
    elif row == part.first:
        near = 8 * l
    else:
        near = 3 * (l + a) + count(row - 1, column - 1) + count(row - 1, column + 1)
    near //= 4
    around = near if near < 32 else min(32 + (near - 32) // 2, 63)
    total = int(np.minimum(size[1:] & 0xFFFF, 16).sum())
    symbol = stream.symbol(model.around[around], model.counted[min(total // 8, 63)])
    second = stream.bit(model.count_digit[4 * symbol + 1])
    return 4 * symbol + 2 * second + stream.bit(model.count_digit[4 * symbol + 2 + second])


def _coefficient(model, stream, z, mean, size, remaining):
    expected = model.expected[8 * min(fine(size, 47), 39) + min(8 * remaining // (64 - z), 7)]
    place = model.place[16 * z + sum(step <= remaining for step in STEPS_OF_REMAINING)]
    symbol = stream.symbol(expected, place)
    if symbol == 0:
        return 0
    m = (mean + 32768) % 65536 - 32768 if z < FIRST_MEAN_FREE else 0
    differs = stream.bit(model.sign[32 * z + min(fine(abs(m) // 2, 31), 31)])
    if symbol < 9:
        magnitude = symbol
    elif symbol < 15:
        magnitude = 7 + stream.digits(model.digit[symbol], symbol - 8, 1)
    else:
        magnitude = 134 + stream.escaped(model.escape)
    negative = (m < 0) != bool(differs)
    check(magnitude <= 32767 + negative, "a coefficient out of range")
    return -magnitude if negative else magnitude
