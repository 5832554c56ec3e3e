"""The lossy layer of RC: format-lossy.md. A BPG file, whose HEVC picture the library PyAV decodes, and its colours."""

import numpy as np

from reader import Missing, Reader, check

GREY, COLOUR = 0, 3  # BPG's pixel formats
# 2^20 times BT.601: k, r_cr, g_cb, g_cr, b_cb.
INVERSE = {
    8: (1048576, 1470104, -360853, -748826, 1858077),
    10: (261375, 366448, -89949, -186658, 463157),
}


class _Bits:
    def __init__(self, data):
        self.text = "".join(f"{byte:08b}" for byte in data)
        self.place = 0

    def u(self, count):
        check(self.place + count <= len(self.text), "the lossy layer's header ends too early")
        self.place += count
        return int(self.text[self.place - count : self.place] or "0", 2)

    def ue(self):
        zeros = 0
        while self.u(1) == 0:
            zeros += 1
            check(zeros < 32, "the lossy layer's header has an impossible number")
        return (1 << zeros) - 1 + self.u(zeros)


class _Unit:
    """An HEVC unit at work."""

    def __init__(self, head):
        self.head, self.text = head, ""

    def u(self, count, value):
        self.text += f"{value:0{count}b}" if count else ""

    def ue(self, value):
        digits = f"{value + 1:b}"
        self.text += "0" * (len(digits) - 1) + digits

    def profile(self):
        """Range extensions, main tier, a level that any small picture has."""
        self.u(8, 4)
        self.u(32, 1 << 27)
        self.u(4, 0b1001)
        self.u(44, 0)
        self.u(8, 186)

    def bytes(self):
        text = self.text + "1"
        text += "0" * (-len(text) % 8)
        data, out, zeros = int(text, 2).to_bytes(len(text) // 8, "big"), bytearray(), 0
        for byte in data:
            if zeros == 2 and byte <= 3:
                out.append(3)
                zeros = 0
            out.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return b"\0\0\1" + self.head + bytes(out)


def _ue7(reader):
    value = 0
    while True:
        byte = reader.u8()
        value = value << 7 | byte & 127
        check(value < 1 << 32, "the lossy layer's header has an impossible number")
        if byte < 128:
            return value


class Bpg:
    """A BPG file, as far as ours go. stream: HEVC with all its units."""

    def __init__(self, data):
        reader = Reader(data)
        check(reader.bytes(4) == b"BPG\xfb", "the lossy layer is no BPG file")
        form, colours = reader.u8(), reader.u8()
        self.format, alpha, self.bits = form >> 5, form >> 4 & 1, 8 + (form & 15)
        right = self.format in (GREY, COLOUR) and not alpha and self.bits in INVERSE and colours == 0
        check(right, "the lossy layer is a BPG file of another kind")
        self.width, self.height = _ue7(reader), _ue7(reader)
        size = _ue7(reader)
        check(size in (0, reader.left()), "the lossy layer's size is wrong")
        header = reader.bytes(_ue7(reader))
        self.stream = self._video() + self._sequence(_Bits(header)) + b"\0\0\1" + bytes(reader.bytes(reader.left()))

    @staticmethod
    def _video():
        unit = _Unit(b"\x40\1")
        for count, value in ((4, 0), (2, 3), (6, 0), (3, 0), (1, 1), (16, 0xFFFF)):
            unit.u(count, value)
        unit.profile()
        unit.u(1, 1)
        for value in (0, 0, 0):
            unit.ue(value)
        unit.u(6, 0)
        unit.ue(0)
        unit.u(2, 0)
        return unit.bytes()

    def _sequence(self, bits):
        smallest, more = bits.ue(), bits.ue()
        transform = bits.ue(), bits.ue()
        depth, sao, pcm = bits.ue(), bits.u(1), bits.u(1)
        pcm_fields = [(4, bits.u(4)), (4, bits.u(4)), (0, bits.ue()), (0, bits.ue()), (1, bits.u(1))] if pcm else []
        strong, extension = bits.u(1), bits.u(1)
        unit = _Unit(b"\x42\1")
        unit.u(8, 1)
        unit.profile()
        unit.ue(0)
        unit.ue(self.format)
        if self.format == COLOUR:
            unit.u(1, 0)
        block = 8 << smallest
        check(smallest <= 3, "the lossy layer's blocks are too large")
        unit.ue(-(-self.width // block) * block)
        unit.ue(-(-self.height // block) * block)
        unit.u(1, 0)
        unit.ue(self.bits - 8)
        unit.ue(self.bits - 8)
        unit.ue(4)
        unit.u(1, 1)
        for value in (0, 0, 0, smallest, more, *transform, 0, depth):
            unit.ue(value)
        for count, value in ((1, 0), (1, 0), (1, sao), (1, pcm)):
            unit.u(count, value)
        for count, value in pcm_fields:
            unit.u(count, value) if count else unit.ue(value)
        unit.ue(0)
        for value in (0, 1, strong, 0, extension):
            unit.u(1, value)
        if extension:
            kinds = bits.u(8)
            check(kinds & 127 == 0, "the lossy layer has unknown extensions")
            unit.u(8, kinds)
            if kinds:
                unit.u(9, bits.u(9))
        return unit.bytes()

    def planes(self):
        """Arrays of int64 of the BPG picture's size."""
        try:
            import av
        except ImportError:
            raise Missing("files of RC hold an HEVC picture, for which this needs PyAV: pip install av") from None
        av.logging.set_level(av.logging.PANIC)
        codec = av.CodecContext.create("hevc", "r")
        codec.thread_count = 1
        try:
            frames = codec.decode(av.Packet(self.stream)) + codec.decode(None)
        except av.error.FFmpegError as error:
            check(False, f"the lossy layer is no HEVC picture: {ascii(str(error))}")
        check(len(frames) == 1, "the lossy layer is not one picture")
        names = {(GREY, 8): "gray", (GREY, 10): "gray10le", (COLOUR, 8): "yuv444p", (COLOUR, 10): "yuv444p10le"}
        check(frames[0].format.name == names[self.format, self.bits], "the lossy layer's picture is of another kind")
        check(
            frames[0].width >= self.width and frames[0].height >= self.height, "the lossy layer's picture is too small"
        )
        out = []
        for plane in frames[0].planes:
            kind = np.dtype("<u2" if self.bits > 8 else "u1")
            rows = np.frombuffer(bytes(plane), kind).reshape(-1, plane.line_size // kind.itemsize)
            out.append(rows[: self.height, : self.width].astype(np.int64))
        return out


def lossy(data, width, height, channels):
    """F: 64 times the value of each sample, (height, width, channels)."""
    bpg = Bpg(data)
    check((bpg.width, bpg.height) == (max(width, 16), max(height, 16)), "the lossy layer is of another size")
    check(bpg.format == (COLOUR if channels == 3 else GREY), "the lossy layer has other channels")
    k, r_cr, g_cb, g_cr, b_cb = INVERSE[bpg.bits]
    planes = [plane[:height, :width] for plane in bpg.planes()]
    y = k * planes[0]
    if channels == 1:
        sums = [y]
    else:
        half = 1 << (bpg.bits - 1)
        cb, cr = planes[1] - half, planes[2] - half
        sums = [y + r_cr * cr, y + g_cb * cb + g_cr * cr, y + b_cb * cb]
    return np.clip(np.stack(sums, 2) >> 14, 0, 16320)
