"""The calls of bench/calls.c: encode|decode PICTURE.ppm EFFORT COUNT. Prints their user time in seconds."""

import pathlib
import resource
import sys

import numpy as np

import residua

what, path, effort, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
_, size, _, samples = pathlib.Path(path).read_bytes().split(b"\n", 3)
width, height = map(int, size.split())
picture = np.frombuffer(samples, np.uint8).reshape(height, width, 3)
data = residua.encode(picture, effort=effort, threads=1)
before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
for _ in range(count):
    if what == "encode":
        residua.encode(picture, effort=effort, threads=1)
    else:
        residua.decode(data, threads=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_utime - before)
