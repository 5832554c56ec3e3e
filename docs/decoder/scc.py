"""Screen content: format-scc.md. The tile, its pixels and the questions; samples are scc_samples.py's."""

from ranges import Alone, RangeDecision, RangeReader
from reader import Reader, check
from scc_samples import Samples

MASK = 2**64 - 1
WEIGHTS = [60, 50, 40, 30, 24, 16, 12, 12, 10, 6, 6, 16, 10]
OFTEN = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128]
SIDE = 4  # places of number 0 on either side of a row
MOST_COLOURS = 2**18 - 1


def clamp(value, low, high):
    return max(low, min(value, high))


def mixed(h, *values):
    for v in values:
        h = (h ^ v) * 0xD6E8FEB86659FD93 & MASK
        h ^= h >> 32
    return h


def hashed(k, *values):
    return mixed((k + 1) * 0x9E3779B97F4A7C15 & MASK, *values) >> 16 & 0xFFFFFFFF


def often(n):
    n = min(n, 255)
    return sum(step <= n for step in OFTEN)


class Tile:
    """One tile's pixels. samples[c][y][x + 4], with what lies left and right of a row."""

    def __init__(self, data, width, height, channels, bits, effort):
        self.stream = RangeReader(data)
        self.w, self.h, self.channels, self.bits = width, height, channels, bits
        self.effort, self.levels = effort, effort >= 3
        b = (width * height).bit_length()
        self.memory_bits = clamp(b - 3, 8, 18) if self.levels else clamp(b - 4, 8, 16)
        self.match_bits = clamp(b - 2, 8, 18)
        self.level_bits = clamp(b - 4, 8, 16)
        sample_bits = clamp(b - 4, 7, 16) if self.levels else clamp(b - 5, 7, 15)
        self.by_samples = Samples(self.stream, channels, bits, effort, sample_bits)
        slots = 32 if self.levels else 16
        self.question = RangeDecision(slots, 1 if effort == 0 else 4 if self.levels else 3, effort != 0, 1000)
        first = (100 if self.levels else 219) << 19
        self.start = [first] * slots + [0] * (slots if effort else 0)
        self.leaps, self.flats = Alone(1000), Alone(1000)
        self.memory = [{} for _ in WEIGHTS]
        self.matches = {}
        self.colours, self.number_of = [None], {}
        self.stride = width + 2 * SIDE
        # Three rows of nothing above the tile; places count from the first of them.
        self.numbers = [0] * (self.stride * (height + 3) + SIDE)
        self.rows = [[[0] * self.stride for _ in range(3)] for _ in range(channels)]
        self.calm = self.misses = self.length = self.place = 0

    def decode(self):
        for y in range(self.h):
            self._row(y)
        self.stream.finish()
        return [[row[SIDE : SIDE + self.w] for row in rows[3:]] for rows in self.rows]

    def _row(self, y):
        for rows in self.rows:
            rows.append([rows[-1][SIDE] if y > 0 else 0] * SIDE + [0] * (self.w + SIDE))
        self.length = 0
        x = leap_from = 0
        numbers, stride = self.numbers, self.stride
        while x < self.w:
            at = (y + 3) * stride + SIDE + x
            w, ww = numbers[at - 1], numbers[at - 2]
            if x >= leap_from and x + 22 <= self.w and w != 0 and w == ww:
                above = [numbers[at - k * stride - 2 : at - k * stride + 22] for k in (1, 2)]
                if all(n == w for row in above for n in row):
                    if self.leaps.bit(self.stream, min(self.calm.bit_length(), 31)):
                        for i in range(16):
                            self._put(y, x + i, w)
                        self.calm += 16
                        self.misses = max(self.misses - 16, 0)
                        self.length = 0
                        x += 16
                        continue
                    leap_from = x + 16
            self._pixel(y, x, at)
            x += 1
        for rows in self.rows:
            rows[-1][SIDE + self.w :] = [rows[-1][SIDE + self.w - 1]] * SIDE

    def _put(self, y, x, number):
        self.numbers[(y + 3) * self.stride + SIDE + x] = number
        for rows, sample in zip(self.rows, self.colours[number]):
            rows[y + 3][SIDE + x] = sample

    def _pixel(self, y, x, at):
        numbers, s = self.numbers, self.stride
        w, ww, www, wwww = numbers[at - 1], numbers[at - 2], numbers[at - 3], numbers[at - 4]
        nww, nw, n, ne, nee, neee, neeee = numbers[at - s - 2 : at - s + 5]
        nnw, nn, nne = numbers[at - 2 * s - 1 : at - 2 * s + 2]
        nnn = numbers[at - 3 * s]
        excluded = set()
        question = 0
        if w != 0 and all(number == w for number in (n, nw, ne, ww, nn, nne, nww, nee, nnw)):
            context = (min(self.calm.bit_length(), 31), neee == w, neee == neeee == w, nnn == w, www == w)
            if self.flats.bit(self.stream, context):
                self._put(y, x, w)
                self.calm += 1
                self.misses = max(self.misses - 1, 0)
                self.length = 0
                return
            self.calm = 0
            excluded.add(w)
            question = 1
        around = (w, n, nw, ne, ww, nn, nee, nww)

        chain = [0] * 13
        h = mixed(6 * 0x9E3779B97F4A7C15 & MASK, w, n)
        for k, more in ((5, ()), (4, (nw,)), (3, (ne,)), (2, (ww, nn)), (1, (nne, nww, nee)), (0, (nnw, www, neee))):
            h = mixed(h, *more)
            chain[k] = h >> 16 & 0xFFFFFFFF
        chain[6] = hashed(6, w, ww, www, wwww)
        chain[7] = hashed(7, n, nn, nnn, w)
        chain[8] = hashed(8, n, ne, nee)
        chain[9] = hashed(9, w)
        chain[10] = hashed(10, n)
        chain[11] = hashed(11, w, ne, n)
        chain[12] = hashed(12, nw, nww, ww)
        entries = []
        for table, value in zip(self.memory, chain):
            key = value & (1 << self.memory_bits) - 1
            entry = table.get(key)
            if entry is None or entry[0] != value:
                entry = table[key] = (value, [])
            entries.append(entry[1])

        key = (chain[0] * 2654435761 & 0xFFFFFFFF) >> (32 - self.match_bits)
        if self.length == 0 and key in self.matches:
            self.place, self.length = self.matches[key], 1
        self.matches[key] = at
        expected = numbers[self.place] if self.length else 0

        first = None
        number = None
        while question < 4:
            candidate = self._candidate(entries, around, expected, excluded)
            if candidate is None:
                break
            if first is None:
                first = candidate
            if self._asked(question, candidate, entries, around, expected, excluded, y, x):
                number = candidate
                if question == 0:
                    self.misses = max(self.misses - 1, 0)
                break
            excluded.add(candidate)
            question += 1
        if number is None:
            guess = self.colours[first] if first is not None else [0] * self.channels
            edge = numbers[at - s - 1], numbers[at - s + 1]
            colour = self.by_samples.pixel(self.rows, y + 3, x + SIDE, guess, question, self.misses, w, n, *edge)
            self.misses = min(self.misses + 2, 15)
            number = self._number(colour)
            numbers[at] = number
            for rows, sample in zip(self.rows, colour):
                rows[y + 3][SIDE + x] = sample
        else:
            self._put(y, x, number)
        if self.length:
            self.place += 1
            self.length = self.length + 1 if number == expected else 0
        if number != 0:
            for entry in entries:
                _learn(entry, number)

    def _number(self, colour):
        number = self.number_of.get(colour, 0)
        if number == 0 and len(self.colours) - 1 < MOST_COLOURS:
            number = self.number_of[colour] = len(self.colours)
            self.colours.append(colour)
        return number

    def _candidate(self, entries, around, expected, excluded):
        votes = {}
        for entry, weight in zip(entries, WEIGHTS):
            for colour, n in entry:
                if colour not in excluded:
                    votes[colour] = votes.get(colour, 0) + weight * min(n, 8)
                    break
        w, n, nw, ne = around[:4]
        for colour, weight in ((w, 16), (n, 16), (ne, 4), (nw, 3), (expected, 64 * min(self.length, 16))):
            if colour != 0 and colour not in excluded:
                votes[colour] = votes.get(colour, 0) + weight
        return max(votes, key=votes.get) if votes else None

    def _asked(self, q, c, entries, around, expected, excluded, y, x):
        w, n, nw, ne, ww, nn, nee, nww = around
        contexts = []
        agree, highest = 0, 15
        for k, entry in enumerate(entries):
            mine = others = kinds = 0
            for colour, count in entry:
                if colour in excluded:
                    continue
                kinds += 1
                if colour == c:
                    mine = count
                else:
                    others += count
            if not entry:
                context = 255
            elif mine > 0:
                context = 12 * often(mine) + often(others) + 1
                agree += 1
                highest = min(highest, k)
            elif others > 0:
                context = 160 + 4 * often(others) + kinds
            else:
                context = 0
            contexts.append((q, context))
        like = (c == w) + 2 * (c == n) + 4 * (c == nw) + 8 * (c == ne)
        far = (c == ww) + 2 * (c == nn) + 4 * (c == nee) + 8 * (c == nww)
        alike = (w == n) + 2 * (n == nw) + 4 * (n == ne) + 8 * (w == ww)
        l = min(self.length, 31)
        contexts += [
            (q, 0 if l == 0 else 1 + l if c == expected else 64 + l),
            (q, 16 * like + alike),
            (q, 16 * far + like),
        ]
        misses = min(self.misses, 3)
        votes = [(q, like, alike), (q, highest), (q, 4 * agree + misses)]
        if self.levels:
            slots, vote = self._levels(q, self.colours[c], y + 3, x + SIDE)
            contexts += slots
            votes.append(vote)
        maps = (q * 1024 + 64 * like + 4 * agree + misses, hashed(77, w, n, c, q) & 4095)
        return self.question.bit(self.stream, contexts, votes, q, maps, self.start)

    def _levels(self, q, colour, y, x):
        channel = 1 if self.channels > 2 else 0
        rows = self.rows[channel]
        v = colour[channel]
        row, above, second, third = rows[y], rows[y - 1], rows[y - 2], rows[y - 3]
        w, ww, www = row[x - 1], row[x - 2], row[x - 3]
        nwww, nww, nw, n, ne, nee, neee = above[x - 3 : x + 4]
        nnww, nnw, nn, nne, nnee = second[x - 2 : x + 3]
        nnnw, nnn, nnne = third[x - 1 : x + 2]

        def top(bits, *values):
            shift = max(self.bits - bits, 0)
            return sum((value >> shift) << bits * i for i, value in enumerate(values))

        near = (w, n, nw, ne, ww, nn)
        further = (nne, nee, nww, nnw)
        ones, twos = top(1, *near), top(2, *near)
        more = top(1, *further, www, nnn)
        parts = [
            (v - w - n + nw, (w - n) // 4),
            (v, w, n),
            (v - 2 * w + ww, w - ww),
            (v - 2 * n + nn, n - nn),
            (2 * v - w - ne, (n - ne) // 4),
            (v - w, n - nw, (ne - n) // 16),
            (v - n, w - nw, (nn - n) // 16),
            ((4 * v - w - n - ne - nw) // 2, (w + n + ne + nw) // 64),
            (twos, v),
            (twos, top(2, *further), v),
            (ones, more, v),
            (ones, more, top(1, neee, nnee, nnww, nwww, nnne, nnnw), v),
            (v, w, n, ne, nw // 4),
            (v, w, ww, n // 16),
            (v, n, nn, w // 16),
            (v, ne, n, nee // 16),
        ]
        mask = (1 << self.level_bits) - 1
        slots = [(q, hashed(20 + i, *(p & 0xFFFFFFFF for p in part)) & mask) for i, part in enumerate(parts)]

        def size(d):
            return min((abs(d) >> max(self.bits - 8, 0)).bit_length(), 7)

        return slots, (q, size(v - w - n + nw), size(w - n), size(n - ne))


def _learn(entry, number):
    """entry: lists of a colour and how often it was met, in their order."""
    for i, (colour, n) in enumerate(entry):
        if colour == number:
            for other in entry:
                if other[0] != number and other[1] > 2:
                    other[1] -= (other[1] + 2) // 4
            entry[i][1] = min(n + 1, 250)
            if i > 0 and entry[i][1] > entry[i - 1][1]:
                entry[i - 1], entry[i] = entry[i], entry[i - 1]
            return
    for other in entry:
        if other[1] > 1:
            other[1] -= (other[1] + 1) // 3
    if len(entry) == 3:
        entry.pop()
    entry.append([number, 1])


def tile(data, width, height, channels, bits, effort):
    """The tile's samples, [channel][row][column]."""
    reader = Reader(data)
    form = reader.u8()
    check(form <= 1, "a tile of an unknown form")
    rest = reader.bytes(reader.left())
    if form == 1:
        return Tile(rest, width, height, channels, bits, effort).decode()
    count = width * height * channels
    size = (count * bits + 7) // 8
    check(len(rest) == size, "a packed tile of a wrong size")
    number = int.from_bytes(rest, "big")
    spare = 8 * size - count * bits
    check(number & (1 << spare) - 1 == 0, "a packed tile that is not filled with zeros")
    digits = format(number >> spare, f"0{count * bits}b")
    flat = [int(digits[i : i + bits], 2) for i in range(0, count * bits, bits)]
    stride = width * channels
    return [[flat[y * stride + c : (y + 1) * stride : channels] for y in range(height)] for c in range(channels)]
