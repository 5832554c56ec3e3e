"""Every kind of array comes back, however it lies in memory."""

import array as array_module

import numpy as np
import pytest
from conftest import photo

import residua

KINDS = [(channels, dtype) for channels in (1, 2, 3, 4) for dtype in (np.uint8, np.uint16)]


@pytest.mark.parametrize(("channels", "dtype"), KINDS)
def test_comes_back(channels, dtype):
    picture = photo(33, 47, channels, dtype)
    data = residua.encode(picture, effort=1)
    decoded = residua.decode(data)
    expected = picture[:, :, 0] if channels == 1 else picture
    assert decoded.dtype == dtype
    assert decoded.flags.c_contiguous
    assert decoded.flags.writeable
    np.testing.assert_array_equal(decoded, expected)
    about = residua.info(data)
    assert about.shape == expected.shape
    assert about.dtype == dtype
    assert about.colour == ("grey" if channels <= 2 else "rgb")
    assert about.alpha == (channels in (2, 4))
    assert about.file_size == len(data)


@pytest.mark.parametrize("channels", [4, 5])
def test_cmyk(channels):
    picture = photo(20, 30, channels)
    data = residua.encode(picture, effort=1, colour="cmyk")
    np.testing.assert_array_equal(residua.decode(data), picture)
    assert residua.info(data).colour == "cmyk"
    assert residua.info(data).alpha == (channels == 5)


@pytest.mark.parametrize("bits", [1, 2, 5, 7, 8, 9, 10, 12, 15, 16])
def test_bits(bits):
    dtype = np.uint16 if bits > 8 else np.uint8
    picture = (photo(20, 30, 1, dtype)[:, :, 0].astype(int) % (1 << bits)).astype(dtype)
    picture[0, 0] = (1 << bits) - 1
    data = residua.encode(picture, effort=1, bits=bits)
    assert residua.info(data).bits == bits
    np.testing.assert_array_equal(residua.decode(data), picture)


def test_bool_is_one_bit():
    picture = photo(20, 30, 1)[:, :, 0] % 3 == 0
    data = residua.encode(picture, effort=1)
    assert residua.info(data).bits == 1
    np.testing.assert_array_equal(residua.decode(data), picture)


LAYOUTS = {
    "columns first": np.asfortranarray,
    "planes": lambda a: np.ascontiguousarray(a.transpose(2, 0, 1)).transpose(1, 2, 0),
    "a part": lambda a: np.pad(a, ((3, 2), (5, 4), (0, 0)))[3:-2, 5:-4],
    "upside down": lambda a: np.ascontiguousarray(a[::-1])[::-1],
    "mirrored": lambda a: np.ascontiguousarray(a[:, ::-1])[:, ::-1],
    "every second": lambda a: np.repeat(np.repeat(a, 2, 0), 2, 1)[::2, ::2],
    "other channels between": lambda a: np.repeat(a, 2, 2)[:, :, ::2],
    "one row for all": lambda a: np.broadcast_to(a[:1], a.shape),
    "not to be written to": lambda a: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape),
    "the other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda name: name.replace(" ", "-"))
def test_layouts(layout, dtype):
    laid = LAYOUTS[layout](photo(21, 34, 3, dtype))
    np.testing.assert_array_equal(residua.decode(residua.encode(laid, effort=1)), laid)


def test_unaligned():
    picture = photo(9, 10, 1, np.uint16)[:, :, 0]
    shifted = np.frombuffer(b"x" + picture.tobytes(), np.uint16, offset=1).reshape(picture.shape)
    np.testing.assert_array_equal(residua.decode(residua.encode(shifted, effort=1)), picture)


class OnlyDlpack:
    """As other libraries' arrays: DLPack and nothing else."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_dlpack_in_and_out():
    picture = photo(12, 13, 3, np.uint16)
    decoded = residua.decode(residua.encode(OnlyDlpack(picture), effort=1))
    np.testing.assert_array_equal(decoded, picture)
    shared = np.from_dlpack(OnlyDlpack(decoded))
    assert np.shares_memory(shared, decoded)


def test_what_numpy_makes_an_array_of():
    assert residua.decode(residua.encode(memoryview(b"abcdef").cast("B", (2, 3)))).tolist() == [
        [97, 98, 99],
        [100, 101, 102],
    ]
    flat = array_module.array("H", range(6))
    assert residua.decode(residua.encode(memoryview(flat).cast("B").cast("H", (2, 3)))).tolist() == [
        [0, 1, 2],
        [3, 4, 5],
    ]


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((3, 4, 6), np.uint8),
        np.zeros((3, 4, 0), np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((3, 0), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((), np.uint8),
        np.zeros((1, 1, 1, 1), np.uint8),
        np.zeros((3, 4), np.float32),
        np.zeros((3, 4), np.int8),
        np.zeros((3, 4), np.uint32),
        np.zeros((3, 4), np.complex64),
        np.array([["a"]]),
        np.array([[None]]),
        [[1, 2], [3, 4]],
        "text",
        None,
    ],
    ids=lambda bad: f"{getattr(bad, 'dtype', type(bad).__name__)}{getattr(bad, 'shape', '')}",
)
def test_what_is_no_picture_is_refused(bad):
    with pytest.raises(residua.InvalidArgumentError):
        residua.encode(bad)


@pytest.mark.parametrize(
    "options",
    [
        {"bits": 9},
        {"bits": 0},
        {"bits": -1},
        {"bits": 7},  # there are larger samples
        {"colour": "cmyk"},
        {"colour": "grey"},
        {"colour": "lab"},
        {"effort": 10},
        {"effort": -1},
        {"codec": "none such"},
        {"codec": "l3c", "model": "olm"},
        {"proof": "none"},
        {"strip_height": 5},
        {"threads": 257},
        {"metadata": {"a name with spaces": b""}},
        {"metadata": {"": b""}},
        {"metadata": {"x" * 256: b""}},
    ],
    ids=repr,
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(residua.InvalidArgumentError, match=r"\w"):
        residua.encode(np.full((8, 8, 3), 200, np.uint8), **options)


def test_models_and_codecs_that_are_not_there():
    picture = photo(16, 16)
    with pytest.raises(residua.ModelMissingError):
        residua.encode(picture, model="none such")
    if not residua.can_encode("rc"):
        with pytest.raises(residua.UnsupportedError, match="libx265"):
            residua.encode(picture, codec="rc")
    assert residua.can_encode("olm")
    assert not residua.can_encode("none such")


@pytest.mark.parametrize("effort", range(1, 10))
def test_efforts(effort):
    picture = photo(24, 40)
    np.testing.assert_array_equal(residua.decode(residua.encode(picture, effort=effort)), picture)


def test_codecs_and_proofs():
    picture = photo(24, 40)
    for options in ({"codec": "l3c"}, {"model": "olm-fast", "proof": "full"}, {"effort": 9, "proof": "fast"}):
        data = residua.encode(picture, **options)
        np.testing.assert_array_equal(residua.decode(data), picture)
    assert residua.info(residua.encode(picture, codec="l3c")).codec == "l3c"


def test_threads_never_change_the_file():
    picture = photo(90, 70)
    files = {residua.encode(picture, threads=threads, strip_height=16) for threads in (0, 1, 2, 5)}
    assert len(files) == 1
