"""Planes that are made of blocks: format-planes.md, 6. Where the blocks lie, and the inverse transform."""

import numpy as np

import coefficients
from rans import Stream


def _pass(c, shift, rounding):
    """c: eight arrays."""
    a = 4433 * (c[2] + c[6])
    p = 8192 * (c[0] + c[4]) + a + 6270 * c[2]
    s = 8192 * (c[0] + c[4]) - a - 6270 * c[2]
    q = 8192 * (c[0] - c[4]) + a - 15137 * c[6]
    r = 8192 * (c[0] - c[4]) - a + 15137 * c[6]
    b = 9633 * (c[1] + c[3] + c[5] + c[7])
    d = b - 16069 * (c[3] + c[7])
    f = b - 3196 * (c[1] + c[5])
    g = -7373 * (c[1] + c[7])
    h = -20995 * (c[3] + c[5])
    i = 12299 * c[1] + g + f
    j = 25172 * c[3] + h + d
    k = 16819 * c[5] + h + f
    l = 2446 * c[7] + g + d
    return [(v + rounding) >> shift for v in (p + i, q + j, r + k, s + l, s - l, r - k, q - j, p - i)]


def samples(block, steps):
    """64 coefficients become 8 x 8 samples."""
    weighed = np.clip(np.array(block, np.int64) * steps, -32768, 32767).reshape(8, 8)
    columns = np.clip(np.array(_pass(list(weighed), 11, 1024)), -32768, 32767)
    rows = np.array(_pass(list(columns.T), 18, 131072))
    return np.clip(rows.T + 128, 0, 255)


class BlockPlane:
    """A plane's samples, with those of its blocks that lie around it."""

    def __init__(self, transform, p):
        self.oy, self.ox, self.steps = transform.blocks[p]
        self.height, self.width = transform.plane_size(p)
        rows, columns = transform.block_grid(p)
        self.whole = np.zeros((8 * rows, 8 * columns), np.int64)

    def put(self, row, column, block):
        self.whole[8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = samples(block, self.steps)

    def inner(self):
        return self.whole[self.oy : self.oy + self.height, self.ox : self.ox + self.width]

    def at(self, y, x):
        return self.whole[y + self.oy, x + self.ox]


def _part(start, end, whole, halved, offset, blocks):
    """The blocks along an axis, from ... to, of a tile from pixel `start` to `end` of `whole`."""
    if halved:
        last = end == whole
        start, end = start // 2, end // 2
    else:
        last = end == whole
    first = 0 if start == 0 else (start + offset + 7) // 8
    return first, blocks if last else (end + offset + 7) // 8


def picture(tiles, streams, transform):
    planes = [BlockPlane(transform, p) for p in range(transform.count)]
    for (x, y, w, h), data in zip(tiles, streams):
        components, places = [], []
        for p, plane in enumerate(planes):
            rows, columns = transform.block_grid(p)
            down, across = transform.grid.halved if p else (False, False)
            top, bottom = _part(y, y + h, transform.height, down, plane.oy, rows)
            left, right = _part(x, x + w, transform.width, across, plane.ox, columns)
            components.append(coefficients.Component(bottom - top, right - left, plane.steps))
            places.append((top, left))
        ratio = tuple(2 if halved else 1 for halved in transform.grid.halved)
        coefficients.decode(Stream(data), components, ratio)
        for plane, component, (top, left) in zip(planes, components, places):
            for (row, column), block in component.blocks.items():
                plane.put(top + row, left + column, block.c)
    return transform.picture([plane.inner() for plane in planes], [plane.at for plane in planes])
