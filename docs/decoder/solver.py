"""Least squares of an expert: format-olm.md, 2. All lanes of a step at once; each number by itself as the page says."""

import numpy as np

F = np.float32


def clean(a):
    return np.where(np.abs(a) < F(2.0**-40), F(0), a)


class Solver:
    """Sums are arrays (inputs + 1, inputs): a row for each input and one for the target, of which i >= j counts."""

    def __init__(self, expert, priors, blocks, inputs, wide):
        self.n = n = expert.inputs
        self.along, self.down, self.ridge = F(expert.along), F(expert.down), F(expert.ridge)
        self.grown = F(1 + 2.0**-18) if wide else F(1)
        self.pull = self.ridge * np.array(priors[:n], F)
        self.rows = np.append(np.arange(n), inputs)
        self.q = np.zeros((2, blocks, n + 1, n), F)  # of even and of odd rows
        self.f, self.u, self.b, self.af = (np.zeros((16, n + 1, n), F) for _ in range(4))
        self.weights = np.zeros((16, n), F)

    def _own(self, sums):
        return sums[:, self.rows, : self.n]

    def begin(self, lanes, y, block, above):
        """Before the first pixel of a block. above: R of the rows."""
        self.f[lanes[block == 0]] = 0
        old = 1 - (y & 1)
        u = clean((self.q[old, block] + self.along * self._own(above[old, block + 1])) * self.down)
        af = self.along * self.f[lanes]
        self.u[lanes], self.af[lanes], self.b[lanes] = u, af, u + af

    def end(self, lanes, y, block, sums):
        f = clean(self.af[lanes] + self._own(sums[lanes]))
        self.f[lanes] = f
        self.q[y & 1, block] = self.u[lanes] + f

    def solve(self, lanes, sums):
        n = self.n
        a = self.b[lanes] + self._own(sums[lanes])
        a[:, n] += self.pull
        diagonal = np.arange(n)
        a[:, diagonal, diagonal] = a[:, diagonal, diagonal] * self.grown + self.ridge
        half = F(0.5) * self.ridge
        for k in range(n):
            # What is in column k has had k subtractions, in their order: it is C_k of its row.
            d = a[:, k, k]
            inverse = F(1) / np.where(d > half, d, half)
            column = a[:, k + 1 :, k]
            l = column * inverse[:, None]
            a[:, k + 1 :, k + 1 :] -= column[:, :, None] * l[:, None, : n - 1 - k]
            a[:, k + 1 :, k] = l
        w = a[:, n].copy()
        for k in range(n - 1, 0, -1):
            w[:, :k] -= w[:, k, None] * a[:, k, :k]
        self.weights[lanes] = w
