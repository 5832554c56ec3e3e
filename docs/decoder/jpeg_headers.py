"""A JPEG's markers, as far as its scans need them: format-jpeg.md, 2."""

from dataclasses import dataclass, field

from jpeg_bands import ZIGZAG
from reader import Reader, check
from tables import TABLES

HUFFMAN, ARITHMETIC = 0, 1
FRAMES = {0xC0: (HUFFMAN, False), 0xC1: (HUFFMAN, False), 0xC2: (HUFFMAN, True)}
FRAMES |= {0xC9: (ARITHMETIC, False), 0xCA: (ARITHMETIC, True)}
OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF)


def huffman_codes(counts, values):
    """{value: (code, length)}"""
    codes, code, place = {}, 0, 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            codes[values[place]] = code, length
            code, place = code + 1, place + 1
        check(code <= 1 << length, "a Huffman table that is no code")
        code <<= 1
    return codes


def _standard():
    counts = TABLES["huffman.Counts"].tolist()
    values = [list(range(12)), TABLES["huffman.AcLuma"].tolist()] * 2
    values[3] = TABLES["huffman.AcChroma"].tolist()
    return {(i & 1, i >> 1): huffman_codes(c, v) for i, (c, v) in enumerate(zip(counts, values))}


@dataclass
class FrameComponent:
    name: int
    across: int
    down: int
    table: int
    steps: list = None  # of quantisation, as they stand when its first scan begins


@dataclass
class Frame:
    marker: int
    bits: int
    height: int
    width: int
    components: list

    @property
    def progressive(self):
        return FRAMES[self.marker][1]

    @property
    def arithmetic(self):
        return FRAMES[self.marker][0] == ARITHMETIC

    def prepare(self):
        self.most_across = max(c.across for c in self.components)
        self.most_down = max(c.down for c in self.components)
        self.mcus_across = -(-self.width // (8 * self.most_across))
        self.mcus_down = -(-self.height // (8 * self.most_down))

    def own_blocks(self, number):
        """(rows, columns) of a component's blocks that hold samples of the picture."""
        c = self.components[number]
        width = -(-self.width * c.across // self.most_across)
        height = -(-self.height * c.down // self.most_down)
        return -(-height // 8), -(-width // 8)


@dataclass
class Scan:
    """parts: (component, DC table, AC table). codes: Huffman's by (class, number); conditioning: arithmetic coding's."""

    parts: list
    first: int
    last: int
    high: int
    low: int
    interval: int
    codes: dict
    conditioning: dict
    recipe: object = None


@dataclass
class Headers:
    """One JPEG's state while its markers are read."""

    place: int
    height: int
    frame: Frame = None
    scans: list = field(default_factory=list)
    codes: dict = field(default_factory=_standard)
    steps: dict = field(default_factory=dict)
    conditioning: dict = field(default_factory=dict)
    interval: int = 0
    wrong_conditioning: bool = False
    jfif: bool = False
    adobe: int = None

    def read_until(self, data, start, end):
        """Reads markers from `start` on; a scan must begin at `end`."""
        at, place = start, end
        while True:
            while at < place and data[at] != 0xFF:
                at += 1
            while at < place and data[at] == 0xFF:
                at += 1
            check(at < place, "a scan that no marker begins")
            marker = data[at]
            at += 1
            if marker == 0 or marker == 1 or 0xD0 <= marker <= 0xD7:
                continue
            if marker == 0xD8 and at - 2 == self.place:
                continue
            check(marker not in (0xD8, 0xD9) and marker not in OTHER_FRAMES, "a scan behind a JPEG's end")
            reader = Reader(data, at, place)
            size = int.from_bytes(reader.bytes(2), "big")
            check(size >= 2, "a JPEG's segment without its length")
            segment = Reader(reader.bytes(size - 2))
            at += size
            if marker in FRAMES:
                self._frame(marker, segment)
            elif marker == 0xC4:
                self._huffman(segment)
            elif marker == 0xDB:
                self._quantisation(segment)
            elif marker == 0xDD:
                self.interval = self._u16(segment)
            elif marker == 0xCC:
                self._conditioning(segment)
            elif marker == 0xDA:
                check(at == place, "a scan that does not begin behind its header")
                self._scan(segment)
                return
            elif not self.scans and marker == 0xE0 and segment.data[:5] == b"JFIF\0" and len(segment.data) >= 14:
                self.jfif = True
            elif not self.scans and marker == 0xEE and segment.data[:5] == b"Adobe" and len(segment.data) >= 12:
                self.adobe = segment.data[11]

    @staticmethod
    def _u16(reader):
        return int.from_bytes(reader.bytes(2), "big")

    def _frame(self, marker, reader):
        check(self.frame is None, "a JPEG of two frames")
        bits, height, width, count = reader.u8(), self._u16(reader), self._u16(reader), reader.u8()
        check(bits in (8, 12) and 1 <= count <= 4 and width > 0, "a JPEG's frame that is not coded")
        check((height == 0) == (self.height != 0), "a JPEG's height that is said twice or not at all")
        components = []
        for _ in range(count):
            name, factors, table = reader.u8(), reader.u8(), reader.u8()
            check(1 <= factors >> 4 <= 4 and 1 <= factors & 15 <= 4, "a JPEG's sampling factors")
            components.append(FrameComponent(name, factors >> 4, factors & 15, table))
        self.frame = Frame(marker, bits, height or self.height, width, components)
        self.frame.prepare()

    def _huffman(self, reader):
        while reader.left():
            which = reader.u8()
            check(which >> 4 <= 1 and which & 15 <= 3, "a Huffman table of an unknown number")
            counts = list(reader.bytes(16))
            self.codes[which >> 4, which & 15] = huffman_codes(counts, list(reader.bytes(sum(counts))))

    def _quantisation(self, reader):
        while reader.left():
            which = reader.u8()
            check(which >> 4 <= 1 and which & 15 <= 3, "a quantisation table of an unknown number")
            steps = [0] * 64
            for p in ZIGZAG:
                steps[p] = self._u16(reader) if which >> 4 else reader.u8()
            self.steps[which & 15] = steps

    def _conditioning(self, reader):
        while reader.left():
            which, value = reader.u8(), reader.u8()
            right = which >> 4 <= 1 and which & 15 <= 3
            if which >> 4 == 0:
                right = right and value & 15 <= value >> 4
            else:
                right = right and 1 <= value <= 63
            if right:
                self.conditioning[which >> 4, which & 15] = value
            else:
                self.wrong_conditioning = True

    def _scan(self, reader):
        frame = self.frame
        check(frame is not None, "a scan without a frame")
        check(not (frame.arithmetic and self.wrong_conditioning), "a scan behind a conditioning that is not allowed")
        names = [c.name for c in frame.components]
        parts = []
        for _ in range(reader.u8()):
            name, tables = reader.u8(), reader.u8()
            check(name in names, "a scan of an unknown component")
            parts.append((names.index(name), tables >> 4, tables & 15))
        numbers = [number for number, _, _ in parts]
        check(1 <= len(parts) <= 4 and len(set(numbers)) == len(numbers), "a scan of wrong components")
        first, last, approximation = reader.u8(), reader.u8(), reader.u8()
        reader.done("a scan's header")
        if not frame.progressive:
            first, last, approximation = 0, 63, 0
        high, low = approximation >> 4, approximation & 15
        check(low <= 13 and high in (0, low + 1), "a scan of a wrong approximation")
        if frame.progressive:
            check(
                (first == 0 and last == 0) or (1 <= first <= last <= 63 and len(parts) == 1), "a scan of a wrong band"
            )
        for number in numbers:
            component = frame.components[number]
            if component.steps is None:
                component.steps = list(self.steps.get(component.table, [0] * 64))
            else:
                check(frame.progressive, "a component with two scans")
        self.scans.append(Scan(parts, first, last, high, low, self.interval, dict(self.codes), dict(self.conditioning)))
