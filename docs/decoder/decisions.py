"""Binary decisions by slots, votes and maps: format-dct.md, 2 to 4. Their bits come from a rANS stream."""

import numpy as np


def _squash_table():
    e = 1 << 32
    table = [0] * 4095
    for i in range(2048):
        table[2047 - i] = 65536 - (1 << 48) // ((1 << 32) + e)
        table[2047 + i] = (1 << 48) // ((1 << 32) + e)
        e = e * 4278222805 >> 32
    return table


SQUASH = _squash_table()  # of a logit + 2047


def _stretch_table():
    table, logit = [], -2047
    for p in range(4096):
        while logit < 2047 and SQUASH[logit + 1 + 2047] <= 16 * p + 8:
            logit += 1
        table.append(logit)
    return table


STRETCH = _stretch_table()
RATE = [131072 // (2 * n + 3) for n in range(1001)]
CONFIDENCE = [256 * (2 * n + 1) // (2 * n + 3) for n in range(32)] + [256 * 63 // 65] * 1000
START_OF_MAP = [SQUASH[max(-2047, min(128 * k - 2048, 2047)) + 2047] for k in range(33)]
NEW_SLOT = (1 << 21, 0)


def squash(logit):
    return SQUASH[logit + 2047]


def limit(logit):
    return -2047 if logit < -2047 else 2047 if logit > 2047 else logit


def learned(slot, bit, most=1000):
    """A slot (q, n) after a bit."""
    q, n = slot
    return q + ((((1 << 22) - 1 if bit else 0) - q) * RATE[n] >> 16), n + 1 if n < most else most


class Decision:
    """All decisions of one kind: their tables, sets of weights and maps, made when they are first met."""

    def __init__(self, slots, votes):
        self.slots = [{} for _ in range(slots)]
        self.votes = [{} for _ in range(votes)]
        self.finals = {}
        self.maps = [{}, {}]
        self.final_start = [65536 // votes] * votes

    def bit(self, stream, contexts, votes, final, maps, start):
        """Decodes one. start: the weights that a new set of any vote begins with, 2^-16."""
        return self._decide(contexts, votes, final, maps, start, stream.bit)

    def learn(self, contexts, votes, final, maps, start, bit):
        """The same for a bit that is known."""
        self._decide(contexts, votes, final, maps, start, lambda share: bit)

    def _decide(self, contexts, votes, final, maps, start, bit_of):
        found = []
        inputs = []
        for table, context in zip(self.slots, contexts):
            slot = table.get(context, NEW_SLOT)
            found.append(slot)
            p = slot[0] >> 10
            inputs.append(STRETCH[p] * CONFIDENCE[slot[1]] >> 8)
            inputs.append((p - 2048) >> 1)
        inputs.append(256)
        x = np.array(inputs, np.int64)
        sets, logits = [], []
        for table, context in zip(self.votes, votes):
            chosen = table.get(context)
            if chosen is None:
                chosen = table[context] = [np.array(start, np.int64), 0]
            sets.append(chosen)
            logits.append(limit(int(chosen[0].dot(x)) >> 16))
        weights = self.finals.get(final)
        if weights is None:
            weights = self.finals[final] = list(self.final_start)
        logit = limit(sum(f * v for f, v in zip(weights, logits)) >> 16)
        a = logit + 2048
        k, f = a >> 7, a & 127
        points = []
        mapped = 0
        for table, context in zip(self.maps, maps):
            point = table.get(context)
            if point is None:
                point = table[context] = list(START_OF_MAP)
            points.append(point)
            mapped += (point[k] * (128 - f) + point[k + 1] * f) >> 7
        guessed = SQUASH[logit + 2047]
        bit = bit_of(max(32, min(8 * guessed + 4 * mapped, (1 << 20) - 32)))
        truth = 65535 if bit else 0
        for chosen, vote in zip(sets, logits):
            rate = 40 + 5000 // ((chosen[1] >> 4) + 4)
            error = (truth - SQUASH[vote + 2047]) * rate >> 8
            changed = chosen[0] + ((x * error + 32768) >> 16)
            chosen[0] = np.clip(changed, -(1 << 19), 1 << 19)
            chosen[1] = min(chosen[1] + 1, 65535)
        error = (truth - guessed) >> 3
        for s, vote in enumerate(logits):
            weights[s] = max(-(1 << 19), min(weights[s] + ((vote * error + 32768) >> 16), 1 << 19))
        near = k + (f >= 64)
        for point in points:
            point[near] += (truth - point[near]) >> 6
        for table, context, slot in zip(self.slots, contexts, found):
            table[context] = learned(slot, bit)
        return bit


class Slots:
    """Bits of one slot each, with a clamped share: format-deep.md, 1.1."""

    def __init__(self):
        self.table = {}

    def bit(self, stream, context):
        slot = self.table.get(context, NEW_SLOT)
        bit = stream.bit(max(64, min(slot[0] >> 2, (1 << 20) - 64)))
        self.table[context] = learned(slot, bit)
        return bit


class Guess:
    """A learned guess of 12 inputs: format-dct.md, 4."""

    def __init__(self, most, rate, start):
        self.most, self.rate, self.start = most, rate, start
        self.weights = {}

    def guess(self, context, inputs):
        self.x = [max(-self.most, min(x, self.most)) for x in inputs]
        self.w = self.weights.get(context)
        if self.w is None:
            self.w = self.weights[context] = list(self.start)
        self.g = max(-16384, min(sum(w * x for w, x in zip(self.w, self.x)) >> 16, 16384))
        return self.g

    def learn(self, truth):
        divisor = 1024 + sum(x * x for x in self.x)
        product = (truth - self.g) * self.rate * 256
        d = product // divisor if product >= 0 else -(-product // divisor)
        for i, x in enumerate(self.x):
            self.w[i] = max(-(1 << 19), min(self.w[i] + (d * x >> 8), 1 << 19))
