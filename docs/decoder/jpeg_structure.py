"""What a kept file is made of: format-jpeg.md, 1 to 3. Where its scans are, and their recipes."""

from dataclasses import dataclass, field

from jpeg_headers import Headers
from reader import Reader, check


@dataclass
class Recipe:
    """What coefficients do not say of a scan. Lists are dictionaries by their numbers."""

    size: int
    mcus: int = None
    restarts: int = None
    fill: int = 255
    padding: dict = field(default_factory=dict)
    surplus: dict = field(default_factory=dict)
    few: int = 1
    most: int = 32767
    beyond: int = 0
    starts: set = field(default_factory=set)
    whole: dict = field(default_factory=dict)


def _list(reader, entry):
    count = reader.varint()
    check(1 <= count <= reader.left(), "a recipe's list of a wrong length")
    out, number = {}, -1
    for _ in range(count):
        number += 1 + reader.varint()
        out[number] = entry()
    return out


def _recipe(reader, arithmetic):
    size = reader.varint()
    recipe = Recipe(size)
    check(size or arithmetic, "a scan without bytes")
    flags = reader.u8()
    check(not arithmetic or flags & (2 | 16 | 32 | 64) == 0, "a recipe with flags that mean nothing")
    if flags & 1:
        recipe.mcus = reader.varint()
    if flags & 8:
        recipe.restarts = reader.varint()
    if flags & 2:
        recipe.fill = 0
    if flags & 4:
        recipe.padding = _list(reader, reader.varint if arithmetic else reader.u8)
    if flags & 16:
        recipe.surplus = _list(reader, reader.u8)
        check(all(2 <= value <= 9 for value in recipe.surplus.values()), "a recipe's surplus of a wrong number")
    if flags & 32:
        recipe.few, recipe.most, recipe.beyond = reader.u8(), reader.varint(), reader.varint()
        check(recipe.few <= 1 and 1 <= recipe.most <= 32767 and recipe.beyond <= 32767, "a recipe's runs out of range")
    if flags & 64:
        recipe.starts = set(_list(reader, lambda: None))
    if flags & 128:

        def some():
            n = reader.varint()
            check(n > 0, "whole bytes that are none")
            return bytes(reader.bytes(n))

        recipe.whole = _list(reader, some)
    return recipe


class Structure:
    """jpegs: Headers with their scans, each with its recipe. data: the file, zeros where scans are coded.

    scans: (first byte, JPEG, scan), as they lie in the file."""

    def __init__(self, structure, foreign, kept_size):
        reader = Reader(structure)
        rest = Reader(foreign)
        self.data = bytearray()
        self.jpegs, self.scans = [], []
        ends = []
        while reader.left():
            self._append(rest.bytes(reader.varint()), kept_size)
            begin = len(self.data)
            number = reader.varint()
            check(number <= len(self.jpegs), "a scan of a JPEG that is not there")
            if number == len(self.jpegs):
                back, height = reader.varint(), reader.varint()
                check(2 <= back <= begin and height <= 65535, "a JPEG that begins outside the file")
                self.jpegs.append(Headers(begin - back, height))
                ends.append(begin - back)
                check(self.data[begin - back : begin - back + 2] == b"\xff\xd8", "a JPEG without its marker SOI")
            jpeg = self.jpegs[number]
            jpeg.read_until(self.data, ends[number], begin)
            scan = jpeg.scans[-1]
            scan.recipe = _recipe(reader, jpeg.frame.arithmetic)
            check(scan.recipe.size <= kept_size - begin, "a scan that is longer than the file")
            self.data += bytes(scan.recipe.size)
            ends[number] = len(self.data)
            self.scans.append((begin, jpeg, scan))
        self._append(rest.bytes(rest.left()), kept_size)
        check(len(self.data) == kept_size, "a kept file of another size")

    def _append(self, data, most):
        check(len(self.data) + len(data) <= most, "a kept file of another size")
        self.data += data
