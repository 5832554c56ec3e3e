"""Reading bytes: the conventions of format.md, and the one error of damaged files."""


class Damaged(Exception):
    """The file breaks a rule of the format documents. The text says which."""


class Missing(Exception):
    """The file is right as far as was seen, but something that it needs is not here: a model, a library."""


def check(holds, what):
    if not holds:
        raise Damaged(what)


def check_size(width, height, most):
    if width * height > most:
        raise Missing(f"a picture of {width} x {height} pixels is beyond the limit: say --pixels {width * height}")


class Reader:
    """Bytes from a place on. Every number is checked before it is given."""

    def __init__(self, data, place=0, end=None):
        self.data = data
        self.place = place
        self.end = len(data) if end is None else end

    def left(self):
        return self.end - self.place

    def bytes(self, size):
        check(0 <= size <= self.left(), "the file ends too early")
        self.place += size
        return self.data[self.place - size : self.place]

    def number(self, size, signed=False):
        return int.from_bytes(self.bytes(size), "little", signed=signed)

    def u8(self):
        return self.number(1)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def varint(self):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 127) << shift
            if byte < 128:
                check(byte != 0 or shift == 0, "a varint that is not in its shortest form")
                check(value < 2**64, "a varint of more than 64 bits")
                return value
            shift += 7
            check(shift < 70, "a varint of more than 64 bits")

    def done(self, what):
        check(self.left() == 0, f"bytes behind the end of {what}")
