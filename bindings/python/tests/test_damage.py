"""Damaged files: an error of the library, or the same pixels; never other ones, never a crash."""

import contextlib

import numpy as np
import pytest
from conftest import jpeg_bytes, photo

import residua


def files():
    picture = photo(20, 24)
    entries = {"exif": b"II*\0", "note": b"some text"}
    return {
        "olm": residua.encode(picture, effort=1, metadata=entries),
        "strips": residua.encode(picture, effort=1, strip_height=16, metadata=entries),
        "grey16": residua.encode(photo(12, 10, 1, np.uint16), effort=2),
        "jpeg": residua.encode_jpeg(jpeg_bytes("RGB", 24, 20), effort=1),
    }


def outcome(data, expected):
    """Whether the file was refused. The other calls must not crash, either."""
    for look in (residua.info, residua.metadata, residua.decode_jpeg, residua.preview, residua.verify):
        with contextlib.suppress(residua.Error):
            look(data)
    try:
        decoded = residua.decode(data, threads=1, memory_limit=1 << 28)
    except residua.Error:
        return True
    np.testing.assert_array_equal(decoded, expected)
    return False


@pytest.mark.parametrize("name", ["olm", "strips", "grey16", "jpeg"])
def test_every_byte_changed(name):
    data = files()[name]
    expected = residua.decode(data)
    for at in range(len(data)):
        for change in (0x01, 0xFF):
            damaged = bytearray(data)
            damaged[at] ^= change
            assert outcome(damaged, expected), (at, change)


@pytest.mark.parametrize("name", ["olm", "strips", "grey16", "jpeg"])
def test_every_truncation(name):
    data = files()[name]
    for size in range(len(data)):
        with pytest.raises(residua.CorruptError):
            residua.decode(data[:size])
        with pytest.raises(residua.CorruptError):
            residua.info(data[:size])


def test_random_bytes():
    random = np.random.default_rng(3)
    head = files()["olm"][:4]
    for size in range(0, 400, 7):
        junk = random.integers(0, 256, size, np.uint8).tobytes()
        for data in (junk, head + junk, head + b"\x01" + junk, head + b"\x02" + junk):
            assert outcome(data, None)


def test_bytes_that_change_meanwhile():
    """A bytearray is copied before the interpreter's lock is given up."""
    data = bytearray(files()["strips"])
    expected = residua.decode(bytes(data))

    def spoil(fraction):
        data[:] = bytes(len(data))

    np.testing.assert_array_equal(residua.decode(data, progress=spoil), expected)
    assert not any(data)
