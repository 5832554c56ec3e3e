"""Bits of the range coder and their decisions: format-jpeg-coefficients.md, 2 to 4. Screen content has them, too."""

import numpy as np

from decisions import NEW_SLOT, RATE, SQUASH, START_OF_MAP, STRETCH, limit
from reader import check

CONFIDENCE = [256 - (rate >> 8) for rate in RATE]


class RangeReader:
    def __init__(self, data):
        self.data = data
        self.place = 0
        self.range = 2**64 - 1
        self.value = self._take(8)

    def _take(self, count):
        part = self.data[self.place : self.place + count]
        self.place += count
        check(self.place <= len(self.data) + 8, "a stream of the range coder ends too early")
        return int.from_bytes(part, "big") << 8 * (count - len(part))

    def bit(self, share):
        bound = (self.range >> 16) * share
        if self.value < bound:
            self.range = bound
            bit = 1
        else:
            self.value -= bound
            self.range -= bound
            bit = 0
        if self.range < 1 << 32:
            self.value = self.value << 32 | self._take(4)
            self.range <<= 32
        return bit

    def finish(self):
        check(self.place >= len(self.data), "a stream of the range coder has bytes that nothing reads")


def learned(slot, bit, most):
    q, n = slot
    return q + (((((1 << 22) - 1 if bit else 0) - q) >> 7) * RATE[n] >> 9), n + 1 if n < most else most


class Alone:
    """Bits that have one slot each."""

    def __init__(self, most):
        self.table, self.most = {}, most

    def bit(self, stream, context):
        slot = self.table.get(context, NEW_SLOT)
        bit = stream.bit(max(8, min(slot[0] >> 6, 65528)))
        self.table[context] = learned(slot, bit, self.most)
        return bit


class RangeDecision:
    """All decisions of one kind. A plain one has one vote and neither maps nor probabilities among its inputs."""

    def __init__(self, slots, votes, rich, most):
        self.slots = [{} for _ in range(slots)]
        self.votes = [{} for _ in range(votes)]
        self.finals = {}
        self.maps = [{}, {}] if rich else []
        self.rich = rich
        self.most = most
        self.final_start = [65536 // votes] * votes

    def bit(self, stream, contexts, votes, final, maps, start):
        """start: the weights of a new set, 2^29, as many as there are inputs."""
        found = []
        inputs = []
        for table, context in zip(self.slots, contexts):
            slot = table.get(context, NEW_SLOT)
            found.append(slot)
            inputs.append(STRETCH[slot[0] >> 10] * CONFIDENCE[slot[1]] >> 8)
        if self.rich:
            inputs += [((slot[0] >> 10) - 2048) >> 1 for slot in found]
        x = np.array(inputs, np.int64)
        sets, logits = [], []
        for table, context in zip(self.votes, votes):
            chosen = table.get(context)
            if chosen is None:
                chosen = table[context] = [np.array(start, np.int64), 0]
            sets.append(chosen)
            total = int((chosen[0] >> 16).dot(x))
            total = (total + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
            logits.append(limit(total >> 13))
        if len(logits) == 1:
            logit = logits[0]
        else:
            weights = self.finals.get(final)
            if weights is None:
                weights = self.finals[final] = list(self.final_start)
            logit = limit(sum(f * v for f, v in zip(weights, logits)) >> 16)
        guessed = SQUASH[logit + 2047]
        share = guessed
        a = logit + 2048
        k, g = a >> 7, a & 127
        points = []
        if self.rich:
            share *= 2
            for table, context in zip(self.maps, maps):
                point = table.get(context)
                if point is None:
                    point = table[context] = list(START_OF_MAP)
                points.append(point)
                share += (point[k] * (128 - g) + point[k + 1] * g) >> 7
            share >>= 2
        bit = stream.bit(max(8, min(share, 65528)))
        truth = 65535 if bit else 0
        for chosen, vote in zip(sets, logits):
            rate = 40 + 4000 // ((chosen[1] >> 4) + 4)
            error = max(-32767, min((truth - SQUASH[vote + 2047]) * rate >> 11, 32767))
            chosen[0] = np.clip(chosen[0] + x * error, -(1 << 30), 1 << 30)
            chosen[1] = min(chosen[1] + 1, 4095)
        if len(logits) > 1:
            error = (truth - guessed) >> 3
            for s, vote in enumerate(logits):
                weights[s] = max(-(1 << 19), min(weights[s] + ((vote * error + 32768) >> 16), 1 << 19))
        near = k + (g >= 64)
        for point in points:
            point[near] += (truth - point[near]) >> 6
        most = self.most
        for table, context, slot in zip(self.slots, contexts, found):
            table[context] = learned(slot, bit, most)
        return bit
