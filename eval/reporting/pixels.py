"""Arithmetic on pixels, and small pictures for the page."""

import base64
import io
import math

import numpy
from PIL import Image

from pictures import Failure


def array(pixels):
    """Rows, columns, channels (three of a grey picture, too)."""
    samples = numpy.frombuffer(bytes(pixels.samples), numpy.uint8).reshape(pixels.height, pixels.width, pixels.channels)
    return numpy.repeat(samples, 3, axis=2) if pixels.channels == 1 else samples


def difference(pixels, reference):
    """pixels − reference, −255 … 255."""
    a, b = array(pixels), array(reference)
    if a.shape != b.shape:
        raise Failure("two pictures that belong together have different sizes")
    return a.astype(numpy.int16) - b


def psnr(pixels, reference):
    """In dB; None of equal pictures."""
    square = float(numpy.mean(numpy.square(difference(pixels, reference).astype(numpy.float64))))
    return None if square == 0 else 10 * math.log10(255**2 / square)


def histogram(residual):
    """{value: how often}, as JSON has it."""
    values, counts = numpy.unique(residual, return_counts=True)
    return {str(int(value)): int(count) for value, count in zip(values, counts)}


def stretched(residual, reach=None):
    """A residual as the paper's Figure 5 shows it: its range over all of 0 … 255, zero white."""
    reach = max(1, int(numpy.abs(residual).max())) if reach is None else reach
    grey = numpy.clip(numpy.rint(127.5 + residual * (127.5 / reach)), 0, 255).astype(numpy.uint8)
    grey[residual == 0] = 255
    return grey


def crop(samples, side):
    """The middle of a picture, at most side x side."""
    height, width = samples.shape[:2]
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    return samples[top:top + side, left:left + side]


def png(samples):
    """The bytes of a PNG file, in base64: what the store, a page and a data URI can hold."""
    output = io.BytesIO()
    Image.fromarray(samples).save(output, "PNG", optimize=True)
    return base64.b64encode(output.getvalue()).decode()


def thumbnail(pixels, side):
    """A JPEG of at most side x side, as a data URI."""
    image = Image.fromarray(array(pixels))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    output = io.BytesIO()
    image.save(output, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(output.getvalue()).decode()


def scaled(samples, side):
    """At most side x side; smaller pictures stay as they are."""
    image = Image.fromarray(samples)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return numpy.asarray(image)
