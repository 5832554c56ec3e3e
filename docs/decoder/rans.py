"""The stream of a tile: format-entropy.md, 6, and the uniform shares of 4."""

from reader import Reader, check

BITS = 20
WHOLE = 1 << BITS
LEAST = 1 << 31


class Stream:
    """Interleaved rANS. slot() looks, advance() takes the symbol with the interval [start, start + size)."""

    def __init__(self, data):
        reader = Reader(data)
        header = reader.u8()
        check(header & 7 <= 4, "a stream of too many lanes")
        self.lanes = 1 << (header & 7)
        if self.lanes == 1:
            sizes = [header >> 3]
            check(sizes[0] <= 8, "a stream's state of more than 8 bytes")
        else:
            check(header >> 3 == 0, "a stream's header has bits that mean nothing")
            sizes = []
            for byte in reader.bytes(self.lanes // 2):
                sizes += [byte & 15, byte >> 4]
            check(all(4 <= size <= 8 for size in sizes), "a stream's states have wrong sizes")
        self.states = []
        for size in sizes:
            state = reader.number(size)
            check(size == 0 or state >> (8 * size - 8) != 0, "a stream's state begins with a zero")
            check(state < 1 << 63 and (self.lanes == 1 or state >= LEAST), "a stream's state is out of range")
            self.states.append(state)
        check(reader.left() % 4 == 0, "a stream's words are not whole")
        rest = reader.bytes(reader.left())
        self.words = [int.from_bytes(rest[i : i + 4], "little") for i in range(0, len(rest), 4)]
        self.next = 0

    def slot(self, lane=0):
        return self.states[lane % self.lanes] & (WHOLE - 1)

    def advance(self, start, size, lane=0):
        lane %= self.lanes
        state = self.states[lane]
        state = size * (state >> BITS) + (state & (WHOLE - 1)) - start
        if state < LEAST:
            if self.next < len(self.words):
                state = state << 32 | self.words[self.next]
                self.next += 1
            else:
                check(self.lanes == 1, "a stream ends too early")
        self.states[lane] = state

    def bit(self, share, lane=0):
        """A one owns the first `share` of 2^20."""
        one = self.slot(lane) < share
        if one:
            self.advance(0, share, lane)
        else:
            self.advance(share, WHOLE - share, lane)
        return int(one)

    def number(self, bits, lane=0):
        """Equally likely everywhere: format-deep.md, 3."""
        value = self.slot(lane) >> (BITS - bits)
        self.advance(value << (BITS - bits), 1 << (BITS - bits), lane)
        return value

    def uniform(self, low, levels, lane=0):
        index = ((self.slot(lane) + 1) * levels - 1) >> BITS
        start = index * WHOLE // levels
        self.advance(start, (index + 1) * WHOLE // levels - start, lane)
        return low + index

    def finish(self):
        check(self.next == len(self.words), "a stream has words that nothing reads")
        start = 0 if self.lanes == 1 else LEAST
        check(all(state == start for state in self.states), "a stream does not come out")
