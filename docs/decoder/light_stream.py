"""A stream of the light coder: its symbols, bits and plain digits. format-jpeg-light.md, 1 to 4."""

from reader import Reader, check


class Slot:
    """Of symbols of sixteen: sums of 2^15."""

    def __init__(self, sums):
        self.s, self.n = list(sums) + [32767], 0

    def learn(self, symbol):
        n = self.n
        r = 4 + (n >= 8) + (n >= 40) + (n >= 200)
        s = self.s
        for i in range(16):
            s[i] += ((32767 if i >= symbol else 0) - s[i]) >> r
        self.n = min(n + 1, 200)


class BitSlot:
    def __init__(self, p=32768, n=0):
        self.p, self.n = p, n


class _Interval:
    def __init__(self, data):
        self.size = 8 * len(data)
        self.bits = int.from_bytes(data, "big")
        self.range, self.value, self.place = 65535, 0, 0
        self._read(16)

    def _read(self, count):
        for _ in range(count):
            self.place += 1
            bit = self.bits >> (self.size - self.place) & 1 if self.place <= self.size else 0
            self.value = self.value << 1 | bit
        check(self.place <= self.size + 128, "a stream of the light coder ends too early")

    def narrow(self, start, end):
        self.value -= start
        self.range = end - start
        n = 16 - self.range.bit_length()
        self.range <<= n
        self._read(n)

    def finish(self):
        check(self.size - self.place < 8, "a stream of the light coder has bytes that nothing reads")


class LightStream:
    def __init__(self, data):
        reader = Reader(data)
        symbols, bits = reader.varint(), reader.varint()
        self.symbols, self.bits = _Interval(reader.bytes(symbols)), _Interval(reader.bytes(bits))
        digits = reader.bytes(reader.left())
        self.plain, self.plain_bits, self.plain_place = int.from_bytes(digits, "big"), 8 * len(digits), 0

    def symbol(self, a, b):
        interval = self.symbols
        scale = interval.range - 16
        start = 0
        for i in range(16):
            end = ((a.s[i] + b.s[i]) * scale >> 16) + i + 1
            if interval.value < end or i == 15:
                break
            start = end
        interval.narrow(start, end)
        a.learn(i)
        b.learn(i)
        return i

    def bit(self, slot):
        interval = self.bits
        bound = interval.range * max(32, min(slot.p, 65503)) >> 16
        bit = int(interval.value < bound)
        interval.narrow(*((0, bound) if bit else (bound, interval.range)))
        slot.p += (65535 * bit - slot.p) >> (2 + slot.n // 4)
        slot.n = min(slot.n + 1, 16)
        return bit

    def plain_digits(self, count, value):
        for _ in range(count):
            self.plain_place += 1
            check(self.plain_place <= self.plain_bits, "a stream of the light coder has too few digits")
            value = 2 * value + (self.plain >> (self.plain_bits - self.plain_place) & 1)
        return value

    def digits(self, slot, count, value):
        """`count` digits behind the first ones, which `value` has."""
        if count == 0:
            return value
        return self.plain_digits(count - 1, 2 * value + self.bit(slot))

    def escaped(self, slot):
        return self.plain_digits(self.symbol(slot, slot), 1)

    def finish(self):
        self.symbols.finish()
        self.bits.finish()
        spare = self.plain_bits - self.plain_place
        right = 0 <= spare < 8 and self.plain & (1 << spare) - 1 == 0
        check(right, "a stream of the light coder has another number of digits")
