"""How far a run is, on the standard error, and how long the rest will take."""

import sys
import time


class Progress:
    """Work is counted in pixels per kind of job (a configuration, a figure); each kind's speed is learned from what was
    done, and kinds that were not met yet are taken to be as slow as the mean of the others."""

    def __init__(self, jobs):
        """jobs: [(kind, pixels)] that are still to be done."""
        self.left, self.count, self.done = {}, len(jobs), 0
        self.seconds, self.pixels = {}, {}
        for kind, pixels in jobs:
            self.left[kind] = self.left.get(kind, 0) + pixels
        self.start = time.monotonic()

    def finished(self, kind, pixels, what):
        now = time.monotonic()
        self.seconds[kind] = self.seconds.get(kind, 0) + now - self.start
        self.pixels[kind] = self.pixels.get(kind, 0) + pixels
        self.start = now
        self.left[kind] -= pixels
        self.done += 1
        print(f"{self.done} of {self.count}: {what}; {self.remaining()} left", file=sys.stderr, flush=True)

    def remaining(self):
        speeds = {kind: self.seconds[kind] / self.pixels[kind] for kind in self.seconds}
        mean = sum(speeds.values()) / len(speeds)
        return duration(sum(pixels * speeds.get(kind, mean) for kind, pixels in self.left.items()))


def duration(seconds):
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
