"""Guesses of samples of wide planes: format-deep.md, 4."""

import numpy as np

from rans import WHOLE

SEEN, FLAT, CENTRE = range(3)
RATE = [131072 // (2 * n + 3) for n in range(256)]


class Guesses:
    def __init__(self, plane, distances):
        self.plane, self.distances = plane, distances
        self.known = {}

    def _ranks(self, values, places):
        """(pixels, places)."""
        return np.rint(self.plane.at(values, places) * self.plane.unit).astype(np.int64)

    def _look(self):
        """(kind, guess, context) of each pixel; a centre's guess is None."""
        plane = self.plane
        places = [(0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0), (-1, 2)]
        s = self._ranks(plane.out.samples, places)
        q = [
            self._ranks(other.samples, [*places, (0, 0), (0, 1), (1, 0), (1, 1)]) + distance
            for other, distance in zip(plane.seen, self.distances)
        ]
        errors = np.abs(plane.at(plane.out.errors, places[:2])) * plane.unit < np.float32(0.5)
        out = []
        for j in range(len(s)):
            if q and (found := self._seen(s[j], [one[j] for one in q])):
                out.append(found)
            elif (s[j][:4] == s[j][0]).all():
                context = 288 + (s[j][4] == s[j][0]) + 2 * (s[j][5] == s[j][0]) + 4 * (s[j][6] == s[j][0])
                if q and q[0][j][7] == q[0][j][0] == q[0][j][1]:
                    context += 8
                out.append((FLAT, int(s[j][0]), int(context)))
            else:
                out.append((CENTRE, None, 304 + int(errors[j].sum())))
        return out

    def _seen(self, s, q):
        match = (s == q[0][:7]).tolist()
        m = match[0] + 2 * match[1] + 4 * match[2] + 8 * match[3]
        both = int(len(q) == 2 and q[0][7] == q[1][7])
        guess = int(q[0][7])
        if not (m or both) or not 0 <= guess < self.plane.values:
            return None
        b = 0
        if len(q) == 2:
            equal = sum(int(q[0][i] == q[1][i]) for i in (8, 9, 10, 0, 1))
            b = 3 * both + (0 if equal == 0 else 1 if equal <= 3 else 2)
        return SEEN, guess, (m * 3 + match[4] + match[5]) * 6 + b

    def symbol(self, sample):
        return max(-1023, min((sample.guess - sample.base) >> sample.shift, 1023))

    def sure(self, sample):
        return sample.kind != CENTRE

    def ask(self, stream, samples):
        asked = []
        for j, (sample, (kind, guess, context)) in enumerate(zip(samples, self._look())):
            sample.kind = kind
            sample.guess = max(0, min(sample.base, self.plane.values - 1)) if guess is None else guess
            h, shares = self.symbol(sample), sample.shares
            start = shares.start(h)
            size = shares.start(h + 1) - start
            p = max(size >> sample.shift, 1)
            if kind != SEEN and p < 1 << 16:
                continue
            sample.asked = True
            if p < 1 << 19:
                level = max(0, min(p.bit_length() - 8, 11))
            else:
                level = 12 + max(0, min(20 - (WHOLE - p).bit_length(), 9))
            P, _ = self.known.setdefault((context, level), (4 * p, 2))
            asked.append((j, sample, (context, level), P, (h, start, size)))
        # All of a step have the probabilities of before it.
        for j, sample, place, share, interval in asked:
            sample.done = bool(stream.bit(max(64, min(share >> 2, WHOLE - 64)), j))
            truth = (1 << 22) - 1 if sample.done else 0
            P, n = self.known[place]
            self.known[place] = P + ((truth - P) * RATE[n] >> 16), min(n + 1, 255)
            if not sample.done and sample.shift == 0 and abs(interval[0]) < 1023:
                sample.without = interval

    def other(self, stream, j, sample):
        """A symbol that is not the guess's, whose interval is gone."""
        gone, _, size = sample.without
        shares = sample.shares
        rest = WHOLE - size
        scale = (1 << 40) // rest

        def start(x):
            u = shares.start(x)
            u -= size if x > gone else 0
            return WHOLE if u == rest else u * scale >> 20

        slot = stream.slot(j)
        low, high = shares.low, shares.high + 1
        at_low, at_high = 0, WHOLE
        while high - low > 1:
            middle = (low + high) >> 1
            at = start(middle)
            if at <= slot:
                low, at_low = middle, at
            else:
                high, at_high = middle, at
        stream.advance(at_low, at_high - at_low, j)
        return low
