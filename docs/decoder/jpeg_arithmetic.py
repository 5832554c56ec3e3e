"""Scans of arithmetic codes: ISO/IEC 10918-1, F.1.4, G.1.3 and D.1, with the recipes of format-jpeg.md, 3a."""

from jpeg_bands import ZIGZAG
from reader import check
from tables import TABLES

ESTIMATES = [tuple(row) for row in TABLES["arithmetic.Estimates"].tolist()]
FIXED = 113


class _Coder:
    """The code is one number: the interval's lower end, of which `shifts` bits and 16 more are known."""

    def __init__(self):
        self.low, self.size, self.shifts = 0, 0x10000, 0
        self.bins = {}

    def bit(self, place, bit):
        """place: of the statistics, or None: a half, always."""
        number, more = (FIXED, 0) if place is None else self.bins.get(place, (0, 0))
        less_size, after_less, after_more, exchange = ESTIMATES[number]
        self.size -= less_size
        if bit != more:
            if self.size >= less_size:
                self.low += self.size
                self.size = less_size
            state = after_less, more ^ exchange
        else:
            if self.size >= 0x8000:
                return
            if self.size < less_size:
                self.low += self.size
                self.size = less_size
            state = after_more, more
        if place is not None:
            self.bins[place] = state
        while self.size < 0x8000:
            self.size <<= 1
            self.low <<= 1
            self.shifts += 1

    def bytes(self):
        end = self.low + self.size - 1
        chosen = end >> 16 << 16
        if chosen < self.low:
            chosen += 0x8000
        count = 16 + self.shifts
        spare = -count % 8
        data = (chosen << spare).to_bytes((count + spare) // 8, "big").rstrip(b"\0")
        return data.replace(b"\xff", b"\xff\0")


class ArithmeticWriter:
    def __init__(self, frame, scan):
        self.scan, self.recipe = scan, scan.recipe
        self.out = bytearray()
        self.cuts, self.whole = dict(self.recipe.padding), dict(self.recipe.whole)
        self._begin()
        if not frame.progressive:
            self.code = self._sequential
        elif scan.first == 0:
            self.code = self._dc_refined if scan.high else self._dc
        else:
            self.code = self._ac_refined if scan.high else self._ac

    def _begin(self):
        self.coder = _Coder()
        self.before = [0] * len(self.scan.parts)
        self.context = [0] * len(self.scan.parts)

    def restart(self, number):
        data = self.coder.bytes()
        if number in self.cuts:
            cut = self.cuts.pop(number)
            check(cut <= len(data), "a cut behind the end of what is cut")
            data = data[:cut]
        self.out += data
        self.out += self.whole.pop(number, b"")
        self.out += bytes([0xFF, 0xD0 + number % 8])
        self._begin()

    def finish(self, restarts):
        check(not self.cuts and not self.whole, "a recipe's list whose entries do not come true")
        room = self.recipe.size - len(self.out)
        data = self.coder.bytes()
        check(0 <= room <= len(data), "a scan of another size")
        return bytes(self.out + data[:room])

    def block(self, number, part, c):
        self.code(part, c)

    def _magnitude(self, place, further, value):
        """F.1.4.3: of a magnitude that is not 0. place: the first bin; further(step): others. Gives its high bit."""
        bit = self.coder.bit
        value -= 1
        m, step = 0, 0
        if value:
            bit(place, 1)
            m, rest, place = 1, value >> 1, further(0)
            while rest:
                bit(place, 1)
                m, rest, step = m << 1, rest >> 1, step + 1
                place = further(step)
        bit(place, 0)
        kind, number, at = place
        digits = (kind, number, at + 14)
        high = m
        m >>= 1
        while m:
            bit(digits, int(m & value != 0))
            m >>= 1
        return high

    def _difference(self, part, value):
        bit, table = self.coder.bit, self.scan.parts[part][1]
        difference = value - self.before[part]
        self.before[part] = value
        at = self.context[part]
        if difference == 0:
            bit((0, table, at), 0)
            self.context[part] = 0
            return
        negative = int(difference < 0)
        bit((0, table, at), 1)
        bit((0, table, at + 1), negative)
        high = self._magnitude((0, table, at + 2 + negative), lambda step: (0, table, 20 + step), abs(difference))
        conditioning = self.scan.conditioning.get((0, table), 0x10)
        context = 8 if negative else 4
        if high < 1 << (conditioning & 15) >> 1:
            context = 0
        elif high > 1 << (conditioning >> 4) >> 1:
            context += 8
        self.context[part] = context

    def _band(self, part, values, first, last):
        """values: by place in the zigzag order, from `first` on."""
        bit, table = self.coder.bit, self.scan.parts[part][2]
        limit = self.scan.conditioning.get((1, table), 5)
        end = max((k for k, value in enumerate(values, first) if value), default=first - 1)
        k = first
        while k <= end:
            bit((1, table, 3 * (k - 1)), 0)
            while values[k - first] == 0:
                bit((1, table, 3 * (k - 1) + 1), 0)
                k += 1
            value = values[k - first]
            bit((1, table, 3 * (k - 1) + 1), 1)
            bit(None, int(value < 0))
            start = (1, table, 3 * (k - 1) + 2)
            beyond = 189 if k <= limit else 217
            self._magnitude(start, lambda step: start if step == 0 else (1, table, beyond + step - 1), abs(value))
            k += 1
        if k <= last:
            bit((1, table, 3 * (k - 1)), 1)

    def _sequential(self, part, c):
        self._difference(part, c[0])
        self._band(part, [c[p] for p in ZIGZAG[1:]], 1, 63)

    def _dc(self, part, c):
        self._difference(part, c[0] >> self.scan.low)

    def _dc_refined(self, part, c):
        self.coder.bit(None, c[0] >> self.scan.low & 1)

    def _ac(self, part, c):
        scan = self.scan
        values = [c[p] for p in ZIGZAG[scan.first : scan.last + 1]]
        values = [v >> scan.low if v >= 0 else -(-v >> scan.low) for v in values]
        self._band(0, values, scan.first, scan.last)

    def _ac_refined(self, part, c):
        scan = self.scan
        bit, table, first = self.coder.bit, scan.parts[0][2], scan.first
        values = [c[p] for p in ZIGZAG[first : scan.last + 1]]
        now = [abs(v) >> scan.low for v in values]
        end = max((k for k, v in enumerate(now, first) if v), default=first - 1)
        known = max((k for k, v in enumerate(now, first) if v > 1), default=first - 1)
        k = first
        while k <= end:
            if k > known:
                bit((1, table, 3 * (k - 1)), 0)
            while now[k - first] == 0:
                bit((1, table, 3 * (k - 1) + 1), 0)
                k += 1
            m, at = now[k - first], 3 * (k - 1)
            if m > 1:
                bit((1, table, at + 2), m & 1)
            else:
                bit((1, table, at + 1), 1)
                bit(None, int(values[k - first] < 0))
            k += 1
        if k <= scan.last:
            bit((1, table, 3 * (k - 1)), 1)
