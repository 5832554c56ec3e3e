"""Strings of bytes: format-bytes.md."""

from pathlib import Path

from decisions import Decision
from rans import Stream
from reader import Reader, check

CHUNK = 65536
MASKS = [0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFF, 0xFF00FF00]
START = [64 * w for w in (200, 20, 200, 20, 220, 20, 260, 20, 260, 20, 260, 20, 120, 0, 400, 40, 0)]
FOLDER = Path(__file__).resolve().parent


def common_metadata():
    return (FOLDER / "common_metadata.bin").read_bytes()


def common_bytes():
    return (FOLDER / "common_bytes.bin").read_bytes()


def _hash(x):
    return (x * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 32


class _Model:
    def __init__(self, size):
        self.row = bytearray()
        self.bits = max(8, min(size.bit_length() + 1, 16))
        self.decision = Decision(8, 3)
        self.places = {}
        self.match = self.length = 0

    def begin(self):
        """Contexts before a byte, and where its match is."""
        row = self.row
        last = int.from_bytes(row[-8:], "big")
        self.hashes = [_hash((last & m) * 8 + i + 1) for i, m in enumerate(MASKS)]
        self.last = last & 0xFF
        if len(row) >= 5:
            key = _hash(last & 0xFFFFFFFFFF) & (1 << self.bits) - 1
            entry = self.places.get(key, 0)
            if self.length == 0 and entry != 0:
                self.match = entry
                most = min(32, entry)
                while self.length < most and row[entry - 1 - self.length] == row[len(row) - 1 - self.length]:
                    self.length += 1
            self.places[key] = len(row)
        self.expected = row[self.match] if self.length else None

    def contexts(self, node):
        width = node.bit_length()
        l = e = 0
        if self.expected is not None and (256 | self.expected) >> (9 - width) == node:
            l = min(self.length, 15)
            e = self.expected >> (8 - width) & 1
        mask = (1 << (self.bits + 4)) - 1
        if width <= 4:
            slots = [(h * 16 | node) & mask for h in self.hashes]
        else:
            top, n = node >> (width - 5), 1 << (width - 5) | node & (1 << (width - 5)) - 1
            slots = [(_hash(h * 256 + top) * 16 | n) & mask for h in self.hashes]
        slots += [node, 2 * l + e]
        return (
            slots,
            (node, 2 * l + e, 256 * min(l, 2) + self.last),
            0,
            (node, _hash(self.hashes[0] + 7 * node) & 1023),
            START,
        )

    def end(self, byte):
        if self.expected is not None:
            if byte == self.expected:
                self.match += 1
                self.length = min(self.length + 1, 65535)
            else:
                self.length = 0
        self.row.append(byte)

    def learn(self, byte):
        self.begin()
        node = 1
        for shift in range(7, -1, -1):
            bit = byte >> shift & 1
            self.decision.learn(*self.contexts(node), bit)
            node = 2 * node + bit
        self.end(byte)

    def decode(self, stream):
        self.begin()
        node = 1
        while node < 256:
            node = 2 * node + self.decision.bit(stream, *self.contexts(node))
        self.end(node & 255)


def decode(data, size, beginning):
    """The string of `size` bytes that `data` holds."""
    reader = Reader(data)
    form = reader.u8()
    check(form <= 1, "a string of bytes of an unknown form")
    if form == 0:
        text = reader.bytes(size)
        reader.done("a string of bytes")
        return bytes(text)
    # A chunk costs at least a byte: what a small file claims to hold is bounded before it is worked for.
    check((size + CHUNK - 1) // CHUNK <= reader.left(), "a string of bytes ends too early")
    model = _Model(size + len(beginning))
    for byte in beginning:
        model.learn(byte)
    for start in range(0, size, CHUNK):
        count = min(CHUNK, size - start)
        kind = reader.u8()
        check(kind <= 1, "a chunk of bytes of an unknown form")
        if kind == 0:
            model.row += reader.bytes(count)
            model.length = 0
            continue
        stream = Stream(reader.bytes(reader.varint()))
        for _ in range(count):
            model.decode(stream)
        stream.finish()
    reader.done("a string of bytes")
    return bytes(model.row[len(beginning) :])
