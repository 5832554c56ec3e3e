"""How planes become a picture: format-planes.md, 1 to 5."""

import numpy as np

import exceptions
from reader import check

ORDERS = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
SAMPLES, JPEG, PHOTO_CD = 0, 1, 2


class Grid:
    """Where chroma's samples are. more: its borders to the left, above, to the right, below."""

    def __init__(self, kind=0, ox=0, oy=0, border=(0, 0, 0, 0)):
        self.kind, self.offset = kind, (oy, ox)
        self.halved = (kind in (1, 3, 4), kind in (1, 2, 4))  # rows, columns
        self.border = border

    def size(self, axis, whole):
        """Without the border. axis: 0 rows, 1 columns."""
        return (whole + self.offset[axis] + 1) // 2 if self.halved[axis] else whole


class Transform:
    """The bytes `planes`. blocks: (oy, ox, steps) of each plane, or None."""

    def __init__(self, reader, width, height, count):
        self.width, self.height, self.count = width, height, count
        how = reader.u8()
        order, self.colours = how & 7, how >> 3 & 7
        smaller, blocks = how >> 6 & 1, how >> 7
        coded = False
        border = (0, 0, 0, 0)
        check(self.colours <= 2, "planes of unknown colours")
        check(count == 3 or how in (0, 135), "a grey picture with a plane transform")
        if order == 7:
            check(self.colours or blocks, "a plane transform with forms that nothing uses")
            forms = reader.u8()
            check(count == 3 or forms == 8, "a grey picture with a plane transform")
            order, coded = forms & 7, forms >> 3 & 1
            border = tuple(forms >> bit & 1 for bit in (4, 5, 6, 7))
        check(order <= 5, "planes in an unknown order")
        check(not blocks or count == 1 or self.colours == JPEG, "blocks of planes that have none")
        self.order = order
        self.grid = Grid()
        if smaller:
            byte = reader.u8()
            check(byte >> 6 == 0 and 1 <= byte & 15 <= 4, "chroma of an unknown upsampling")
            check(self.colours == (PHOTO_CD if byte & 15 == 4 else JPEG), "an upsampling of other colours")
            self.grid = Grid(byte & 15, byte >> 4 & 1, byte >> 5 & 1, border)
            self._check_grid(border)
        else:
            check(not any(border), "a border of chroma that is not smaller")
        self.blocks = self._read_blocks(reader) if blocks else None
        mapped = reader.u8()
        check(mapped >> count == 0, "maps of planes that are not there")
        check(not (smaller or blocks) or (mapped == 0 and order == 0), "maps or an order where there can be none")
        self.maps = [_values(reader) if mapped >> p & 1 else None for p in range(count)]
        self.exceptions = exceptions.NONE
        if self.colours or blocks:
            number = reader.varint()
            check(number <= width * height, "more exceptions than pixels")
            if not coded:
                check(count == 3 or number == 0, "a list of exceptions of a grey picture")
                self.exceptions = exceptions.read_list(reader, number, width * height)
            elif number:
                self.exceptions = exceptions.read_coded(reader, number, width, height, count)
        self.lines = exceptions.read_border(reader, self._border_lines())

    def _check_grid(self, border):
        sizes = (self.height, self.width)
        for axis, (before, behind) in enumerate(((border[1], border[3]), (border[0], border[2]))):
            offset, halved = self.grid.offset[axis], self.grid.halved[axis]
            check(halved or (not offset and not before and not behind), "an offset along an axis that is whole")
            check(self.grid.kind != 4 or not (before or behind), "a border where there can be none")
            check(not before or offset == 0, "a border before chroma that begins with a half")
            check(not behind or (sizes[axis] + offset) % 2 == 0, "a border behind chroma that ends with a half")

    def plane_size(self, p):
        """(height, width) of a coded plane, without a border."""
        if p == 0:
            return self.height, self.width
        return self.grid.size(0, self.height), self.grid.size(1, self.width)

    def _read_blocks(self, reader):
        out = []
        for p in range(self.count):
            place = reader.u8()
            check(place >> 7 == 0 and not (p == 0 and place >> 6), "a plane's blocks of an unknown form")
            steps = out[-1][2] if place >> 6 else [reader.varint() for _ in range(64)]
            check(all(1 <= step <= 65535 for step in steps), "a quantisation step out of range")
            out.append((place >> 3 & 7, place & 7, steps))
        return out

    def block_grid(self, p):
        """(rows, columns) of a plane's blocks."""
        (height, width), (oy, ox, _) = self.plane_size(p), self.blocks[p]
        return (height + oy + 7) // 8, (width + ox + 7) // 8

    def _border_lines(self):
        """For Cb and Cr: the lines of their borders that are listed, as places (row, column) from the first sample."""
        if not any(self.grid.border):
            return []
        left, above, right, below = self.grid.border
        planes = []
        for p in (1, 2):
            height, width = self.plane_size(p)
            rows, columns = (-above, height + below), (-left, width + right)
            first = last = begin = end = True
            if self.blocks:
                (oy, ox, _), (down, across) = self.blocks[p], self.block_grid(p)
                first, last = oy == 0, 8 * down - oy == height
                begin, end = ox == 0, 8 * across - ox == width
            first, last, begin, end = above and first, below and last, left and begin, right and end
            inner = range(rows[0] + bool(first), rows[1] - bool(last))
            lines = []
            if first:
                lines.append([(-1, x) for x in range(*columns)])
            if last:
                lines.append([(height, x) for x in range(*columns)])
            if begin:
                lines.append([(y, -1) for y in inner])
            if end:
                lines.append([(y, width) for y in inner])
            planes.append(lines)
        return planes

    def with_border(self, p, plane, from_blocks):
        """A plane of chroma with the border around it. from_blocks(y, x): a sample that lies in one of its blocks."""
        left, above, right, below = self.grid.border
        height, width = plane.shape
        whole = np.zeros((above + height + below, left + width + right), np.int64)
        whole[above : above + height, left : left + width] = plane
        if not any(self.grid.border):
            return whole
        listed = self.lines[p - 1]
        for y in range(-above, height + below):
            for x in range(-left, width + right):
                if not (0 <= y < height and 0 <= x < width):
                    whole[y + above, x + left] = listed[y, x] if (y, x) in listed else from_blocks(y, x)
        return whole

    def picture(self, planes, from_blocks=None):
        """planes: arrays of int64. from_blocks: of each plane, see with_border."""
        unmapped = []
        for plane, values in zip(planes, self.maps):
            if values is not None:
                check(plane.max() < len(values), "a rank that its plane's map does not have")
                plane = np.array(values)[plane]
            unmapped.append(plane)
        if self.count == 1:
            out = unmapped[0][:, :, None]
        else:
            components = [None] * 3
            for plane, c in zip(unmapped, ORDERS[self.order]):
                components[c] = plane
            if self.grid.kind:
                for c in (1, 2):
                    chroma = self.with_border(c, components[c], from_blocks and from_blocks[c])
                    components[c] = upsampled(self.grid, chroma, self.height, self.width)
            if self.colours == SAMPLES:
                g, r, b = components
                out = np.stack([r, g, b], 2)
            else:
                out = (jpeg_colours if self.colours == JPEG else photo_cd_colours)(*components)
        return self.exceptions.apply(out)


def _values(reader):
    n = reader.u8()
    check(n <= 31, "a map of an unknown form")
    if n == 0:
        bits = reader.bytes(32)
        values = [v for v in range(256) if bits[v >> 3] >> (v & 7) & 1]
    else:
        values, v, inside = [], 0, False
        for i in range(n):
            run = reader.u8()
            check(run or i == 0, "a map with an empty run")
            if inside:
                values += range(v, v + run)
            v, inside = v + run, not inside
        check(v <= 255, "a map of too many values")
        if inside:
            values += range(v, 256)
    check(1 <= len(values) <= 255, "a map of no or of all values")
    return values


def jpeg_colours(y, cb, cr):
    cb, cr = cb - 128, cr - 128
    r = y + ((91881 * cr + 32768) >> 16)
    g = y + ((32768 - 22554 * cb - 46802 * cr) >> 16)
    b = y + ((116130 * cb + 32768) >> 16)
    return np.clip(np.stack([r, g, b], 2), 0, 255)


def photo_cd_colours(y, c1, c2):
    a, b = 22179 * (c1 - 156), 18215 * (c2 - 137)
    u, v = a // 10000, b // 10000
    rgb = [(13584 * y + b) // 10000, (13584 * y - 1940 * u - 5090 * v) // 10000, (13584 * y + a) // 10000]
    return np.clip(np.stack(rgb, 2), 0, 255)


def upsampled(grid, s, height, width):
    """Chroma of the picture's size, of samples with their border."""
    axes = []
    for axis, size, before in ((0, height, grid.border[1]), (1, width, grid.border[0])):
        at = np.arange(size) + (2 if before else grid.offset[axis])
        if not grid.halved[axis]:
            axes.append((np.arange(size), np.arange(size), at % 2))
            continue
        i = at // 2
        other = i + at % 2 if grid.kind == 4 else i + np.where(at % 2 == 0, -1, 1)
        axes.append((i, np.clip(other, 0, s.shape[axis] - 1), at % 2))
    (j, jj, oy), (i, ii, ox) = axes
    odd_x, odd_y = ox[None, :], oy[:, None]
    near, beside = s[np.ix_(j, i)], s[np.ix_(j, ii)]
    under, across = s[np.ix_(jj, i)], s[np.ix_(jj, ii)]
    if grid.kind == 1:
        return (3 * (3 * near + under) + (3 * beside + across) + np.where(odd_x == 0, 8, 7)) // 16
    if grid.kind == 2:
        return (3 * near + beside + np.where(odd_x == 0, 1, 2)) // 4
    if grid.kind == 3:
        return (3 * near + under + np.where(odd_y == 0, 1, 2)) // 4
    only_x, only_y = (near + beside + 1) // 2, (near + under + 1) // 2
    both = (near + beside + under + across + 2) // 4
    return np.where(odd_x == 1, np.where(odd_y == 1, both, only_x), np.where(odd_y == 1, only_y, near))
