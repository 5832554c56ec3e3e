"""Scans of Huffman codes: ISO/IEC 10918-1, F.1.2 and G.1.2, with the recipes of format-jpeg.md, 3."""

from jpeg_bands import ZIGZAG
from reader import check

MOST_WAITING = 937  # correction bits behind a code


class HuffmanWriter:
    def __init__(self, frame, scan):
        self.frame, self.scan, self.recipe = frame, scan, scan.recipe
        self.out = bytearray()
        self.bits, self.count = 0, 0
        self.surplus, self.padding, self.whole = (
            dict(of) for of in (self.recipe.surplus, self.recipe.padding, self.recipe.whole)
        )
        self.starts = set(self.recipe.starts)
        self.run, self.waiting = 0, []
        self.before = [0] * len(scan.parts)
        if not frame.progressive:
            self.code = self._sequential
        elif scan.first == 0:
            self.code = self._dc_refined if scan.high else self._dc
        else:
            self.code = self._ac_refined if scan.high else self._ac

    def _put(self, value, count):
        self.bits = self.bits << count | value
        self.count += count
        while self.count >= 8:
            self.count -= 8
            byte = self.bits >> self.count & 255
            self.out.append(byte)
            if byte == 255:
                self.out.append(0)
        self.bits &= (1 << self.count) - 1

    def _symbol(self, kind, table, symbol):
        codes = self.scan.codes.get((kind, table), {})
        check(symbol in codes, "a coefficient that has no code")
        self._put(*codes[symbol])

    def _value(self, value, size):
        """F.1.2.1: negative ones less one."""
        self._put(value if value >= 0 else value + (1 << size) - 1, size)

    def _pad(self, place):
        fill = self.padding.pop(place, self.recipe.fill)
        if self.count:
            spare = 8 - self.count
            self._put(fill & (1 << spare) - 1, spare)

    def restart(self, number):
        self._run_ends()
        self._pad(number)
        self.out += self.whole.pop(number, b"")
        self.out += bytes([0xFF, 0xD0 + number % 8])
        self.before = [0] * len(self.before)

    def finish(self, restarts):
        self.run += self.recipe.beyond
        check(self.run <= 32767, "a run of blocks that is too long")
        self._run_ends()
        self._pad(restarts)
        rest = self.surplus or self.padding or self.whole or self.starts
        check(not rest, "a recipe's list whose entries do not come true")
        return bytes(self.out)

    def block(self, number, part, c):
        if number in self.starts:
            self.starts.remove(number)
            self._run_ends()
        surplus = self.surplus.pop(number, 0)
        self.code(part, c, surplus)

    def _difference(self, part, value):
        difference = value - self.before[part]
        self.before[part] = value
        size = abs(difference).bit_length()
        self._symbol(0, self.scan.parts[part][1], size)
        if size:
            self._value(difference, size)

    def _sequential(self, part, c, surplus):
        self._difference(part, c[0])
        table = self.scan.parts[part][2]
        zeros = 0
        for k in range(1, 64):
            value = c[ZIGZAG[k]]
            if value == 0:
                zeros += 1
                continue
            while zeros > 15:
                self._symbol(1, table, 0xF0)
                zeros -= 16
            size = abs(value).bit_length()
            check(size <= 15, "a coefficient that has no code")
            self._symbol(1, table, zeros << 4 | size)
            self._value(value, size)
            zeros = 0
        for _ in range(surplus >> 1):
            self._symbol(1, table, 0xF0)
        if surplus & 1 == 0 and zeros:
            self._symbol(1, table, 0)

    def _dc(self, part, c, surplus):
        check(not surplus, "a surplus where there can be none")
        self._difference(part, c[0] >> self.scan.low)

    def _dc_refined(self, part, c, surplus):
        check(not surplus, "a surplus where there can be none")
        self._put(c[0] >> self.scan.low & 1, 1)

    def _run_ends(self):
        if self.run:
            table = self.scan.parts[0][2]
            size = self.run.bit_length() - 1
            self._symbol(1, table, size << 4)
            self._put(self.run & (1 << size) - 1, size)
            self.run = 0
            self._bits(self.waiting)
            self.waiting = []

    def _bits(self, bits):
        for bit in bits:
            self._put(bit, 1)

    def _nothing_more(self, bits=()):
        self.run += 1
        self.waiting += bits
        if self.run == self.recipe.most or (self.recipe.few and len(self.waiting) > MOST_WAITING):
            self._run_ends()

    def _ac(self, part, c, surplus):
        scan, table = self.scan, self.scan.parts[0][2]
        zeros = 0
        for k in range(scan.first, scan.last + 1):
            value = c[ZIGZAG[k]]
            magnitude = abs(value) >> scan.low
            if magnitude == 0:
                zeros += 1
                continue
            self._run_ends()
            while zeros > 15:
                self._symbol(1, table, 0xF0)
                zeros -= 16
            size = magnitude.bit_length()
            check(size <= 15, "a coefficient that has no code")
            self._symbol(1, table, zeros << 4 | size)
            self._value(magnitude if value > 0 else -magnitude, size)
            zeros = 0
        if surplus:
            self._run_ends()
            for _ in range(surplus >> 1):
                self._symbol(1, table, 0xF0)
        if (zeros or surplus) and not surplus & 1:
            self._nothing_more()

    def _ac_refined(self, part, c, surplus):
        scan, table = self.scan, self.scan.parts[0][2]
        values = [c[ZIGZAG[k]] for k in range(scan.first, scan.last + 1)]
        magnitudes = [abs(value) >> scan.low for value in values]
        last_new = max((k for k, m in enumerate(magnitudes) if m == 1), default=-1)
        more = surplus >> 1
        zeros, bits = 0, []

        def sixteen():
            nonlocal zeros, bits
            self._run_ends()
            self._symbol(1, table, 0xF0)
            zeros -= 16
            self._bits(bits)
            bits = []

        for k, (value, m) in enumerate(zip(values, magnitudes)):
            if m == 0:
                zeros += 1
                continue
            while zeros > 15 and (k <= last_new or more):
                if k > last_new:
                    more -= 1
                sixteen()
            if m > 1:
                bits.append(m & 1)
                continue
            self._run_ends()
            self._symbol(1, table, zeros << 4 | 1)
            self._put(int(value > 0), 1)
            self._bits(bits)
            zeros, bits = 0, []
        while zeros > 15 and more:
            more -= 1
            sixteen()
        check(more == 0, "a recipe's list whose entries do not come true")
        if surplus & 1:
            check(not bits, "a recipe's list whose entries do not come true")
        elif zeros or bits or surplus:
            self._nothing_more(bits)
