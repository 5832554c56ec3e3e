"""Pixels that the planes do not give, and chroma's border: format-planes.md, 4.2, 4.3 and 5.1."""

import numpy as np

from decisions import Slots
from rans import Stream
from reader import check


class Exceptions:
    """changes: (number of the pixel, three differences or None, samples or None). around: the sums are modulo 256."""

    def __init__(self, changes=(), around=False):
        self.changes, self.around = changes, around

    def apply(self, picture):
        picture = picture.copy()  # in one piece, so that `flat` is a view of it
        flat = picture.reshape(-1, picture.shape[2])
        for number, differences, samples in self.changes:
            if samples is not None:
                flat[number] = samples
                continue
            changed = flat[number] + differences
            if self.around:
                changed %= 256
            check(0 <= changed.min() and changed.max() <= 255, "an exception outside 0 ... 255")
            flat[number] = changed
        return picture


NONE = Exceptions()


def read_list(reader, number, pixels):
    changes, following = [], 0
    for _ in range(number):
        code = reader.u8()
        gap, d = divmod(code, 28)
        check(gap <= 8, "an exception of an unknown code")
        if gap == 8:
            gap += reader.varint()
        pixel = following + gap
        check(pixel < pixels, "an exception outside the picture")
        following = pixel + 1
        if d == 27:
            changes.append((pixel, None, np.frombuffer(bytes(reader.bytes(3)), np.uint8)))
        else:
            check(d != 13, "an exception that changes nothing")
            changes.append((pixel, np.array([d // 9 - 1, d // 3 % 3 - 1, d % 3 - 1]), None))
    return Exceptions(changes)


def _sized(reader):
    return Stream(reader.bytes(reader.varint()))


class _Numbers:
    """Numbers -128 ... 127 with the slots of a set."""

    def __init__(self, stream, small):
        self.stream, self.small = stream, small
        self.slots = Slots()

    def read(self, chosen):
        """(number, how many digits its magnitude has)."""
        bit = lambda slot: self.slots.bit(self.stream, (chosen, slot))  # noqa: E731
        digits = 0
        while digits < 8 and bit(digits):
            digits += 1
        if digits == 0:
            return 0, 0
        h = 1
        for left in range(digits - 2, -1, -1):
            if self.small:
                slot = 8 + min(h, 8)
            else:
                slot = 8 + 8 * (digits - 2) + h if digits < 5 else 32 + left
            h = 2 * h + bit(slot)
        return (-h if bit(19 if self.small else 47) else h), digits


def read_coded(reader, number, width, height, count):
    stream = _sized(reader)
    return _Coded(stream, width, height, count).decode(number)


class _Coded:
    def __init__(self, stream, width, height, count):
        self.stream, self.width, self.height, self.count = stream, width, height, count
        self.cells, self.marks, self.what, self.same, self.like_above = (Slots() for _ in range(5))
        self.samples, self.differences = _Numbers(stream, False), _Numbers(stream, False)
        # With a border: two columns and rows of pixels that are none, before and above; one behind.
        self.kind = np.zeros((height + 2, width + 3), np.int64)
        self.size = np.zeros((height + 2, width + 3), np.int64)
        self.explicit = {}
        self.last = (0,) * count
        self.last_size = 0
        self.changes = []

    def decode(self, number):
        across = (self.width + 7) // 8
        above = [0] * (across + 3)  # cells, with a border: two before, one behind
        for top in range(0, self.height, 8):
            row = [0] * (across + 3)
            for i in range(2, across + 2):
                context = row[i - 1] + 2 * above[i] + 4 * above[i + 1] + 8 * row[i - 2]
                row[i] = self.cells.bit(self.stream, context)
            for y in range(top, min(top + 8, self.height)):
                for x in range(self.width):
                    if row[x // 8 + 2]:
                        self._pixel(y, x)
                        check(len(self.changes) <= number, "more exceptions than were said")
            above = row
        check(len(self.changes) == number, "fewer exceptions than were said")
        self.stream.finish()
        return Exceptions(self.changes, True)

    def _pixel(self, y, x):
        kind = self.kind
        r, c = y + 2, x + 2
        places = ((r, c - 1), (r - 1, c), (r - 1, c - 1), (r - 1, c + 1), (r, c - 2), (r - 2, c))
        context = sum(int(kind[place] != 0) << i for i, place in enumerate(places)) + 64 * (x % 8 == 0)
        if not self.marks.bit(self.stream, context):
            return
        a = int(kind[r, c - 1] + 3 * kind[r - 1, c])
        pixel = y * self.width + x
        if self.what.bit(self.stream, a):
            kind[r, c] = 2
            self._explicit(y, x, a)
            self.changes.append((pixel, None, np.array(self.last)))
            return
        kind[r, c] = 1
        m = int(max(self.size[r, c - 1], self.size[r - 1, c]))
        differences, sizes = [], []
        for i in range(self.count):
            chosen = (0 * 9 + m) * 9 + self.last_size if i == 0 else (i * 9 + sizes[-1]) * 9 + m
            value, size = self.differences.read(chosen)
            differences.append(value)
            sizes.append(size)
        check(any(differences), "an exception that changes nothing")
        self.size[r, c] = self.last_size = max(sizes)
        self.changes.append((pixel, np.array(differences), None))

    def _explicit(self, y, x, a):
        above = self.explicit.get((y - 1, x))
        if not self.same.bit(self.stream, a):
            if above is not None and above != self.last and self.like_above.bit(self.stream, a):
                self.last = above
            else:
                self.last = tuple((v + self.samples.read(c)[0]) % 256 for c, v in enumerate(self.last))
        self.explicit[y, x] = self.last


def read_border(reader, planes):
    """planes: for Cb and Cr their lines of places. Gives a dictionary of samples by place for each."""
    if not any(planes):
        return [{} for _ in planes]
    stream = _sized(reader)
    numbers = _Numbers(stream, True)
    out = []
    for p, lines in enumerate(planes):
        samples = {}
        for line in lines:
            value, digits = 128, 8
            for place in line:
                difference, digits = numbers.read(9 * p + digits)
                value = (value + difference) % 256
                samples[place] = value
        out.append(samples)
    stream.finish()
    return out
