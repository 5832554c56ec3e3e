"""The codecs of numcodecs and Zarr."""

import numcodecs
import numpy as np
import pytest
import zarr
from conftest import photo

import residua
from residua.numcodecs import Residua
from residua.zarr import ResiduaCodec

TYPES = ["?", "u1", "i1", "<u2", ">u2", "<i2", ">i2"]
SHAPES = [(7,), (), (5, 6), (5, 6, 3), (5, 6, 4), (2, 5, 6), (2, 3, 4, 5), (2, 2, 6, 5, 3), (1, 1, 8, 9), (3, 4, 1)]


def samples(shape, kind):
    count = int(np.prod(shape))
    values = photo(1, count, 1, np.uint16).reshape(shape)
    return (values % 2 if kind == "?" else values).astype(kind)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_numcodecs(shape, kind):
    codec = numcodecs.get_codec({"id": "residua", "effort": 2})
    assert isinstance(codec, Residua)
    array = samples(shape, kind)
    data = codec.encode(array)
    decoded = codec.decode(data)
    assert (decoded.dtype, decoded.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(decoded, array)
    out = np.empty_like(array)
    codec.decode(data, out=out)
    np.testing.assert_array_equal(out, array)
    assert codec.get_config() == {"id": "residua", "effort": 2}
    assert numcodecs.get_codec(codec.get_config()) == codec


def test_signed_samples_near_zero_stay_near_each_other():
    smooth = (photo(60, 60, 1)[:, :, 0] // 8).astype(np.int16) - 16
    codec = Residua()
    moved = codec.encode((smooth + 1000).astype(np.uint16))
    assert len(codec.encode(smooth)) < 1.02 * len(moved)


@pytest.mark.parametrize("kind", ["f4", "u4", "i8", "c8", "U3", "M8[s]"])
def test_other_types_are_refused(kind):
    with pytest.raises(residua.InvalidArgumentError):
        Residua().encode(np.zeros((4, 4), kind))


def test_empty_chunks_are_refused():
    with pytest.raises(residua.InvalidArgumentError):
        Residua().encode(np.zeros((0, 4), np.uint8))


BAD_ABOUTS = [("u2", "[6, 7, 3]"), ("u1", "[-6, -7, 3]"), ("u1", "5"), ("u1", "[6, 7, null]"), ("V1", "[126]")]


def test_files_of_others_and_damage():
    codec = Residua()
    picture = photo(6, 7)
    np.testing.assert_array_equal(codec.decode(residua.encode(picture)), picture)
    abouts = ["no json", "{}", "[]", '{"dtype": "O", "shape": [6, 7, 3]}', '{"dtype": "u1", "shape": [1]}']
    abouts += [f'{{"dtype": "{kind}", "shape": {shape}}}' for kind, shape in BAD_ABOUTS]
    for about in abouts:
        with pytest.raises(residua.CorruptError):
            codec.decode(residua.encode(picture, metadata={"numpy:array": about.encode()}))
    with pytest.raises(residua.CorruptError):
        codec.decode(b"nothing")


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "bool"])
def test_zarr_3(kind, tmp_path):
    values = samples((50, 70, 3), kind)
    array = zarr.create_array(
        tmp_path / "z",
        shape=values.shape,
        chunks=(16, 32, 3),
        dtype=kind,
        serializer=ResiduaCodec(effort=2),
        compressors=None,
    )
    array[:] = values
    again = zarr.open_array(tmp_path / "z", mode="r+")
    assert again.metadata.codecs[0] == ResiduaCodec(effort=2)
    np.testing.assert_array_equal(again[:], values)
    again[5:20, 10:40] = values[:15, :30]
    np.testing.assert_array_equal(zarr.open_array(tmp_path / "z")[5:20, 10:40], values[:15, :30])
    chunks = [path for path in (tmp_path / "z" / "c").rglob("*") if path.is_file()]
    assert len(chunks) == 12
    assert all(residua.info(path.read_bytes()).codec in ("olm", "scc") for path in chunks)


def test_zarr_2(tmp_path):
    values = samples((40, 30), "<u2")
    array = zarr.create_array(
        tmp_path / "z", shape=values.shape, chunks=(16, 30), dtype="<u2", zarr_format=2, compressors=Residua(effort=1)
    )
    array[:] = values
    np.testing.assert_array_equal(zarr.open_array(tmp_path / "z")[:], values)
    residua.verify((tmp_path / "z" / "0.0").read_bytes())


def test_zarr_options():
    with pytest.raises(residua.InvalidArgumentError):
        ResiduaCodec(effort=0)
    assert ResiduaCodec.from_dict(ResiduaCodec(3).to_dict()) == ResiduaCodec(3)
    assert ResiduaCodec.from_dict({"name": "residua"}) == ResiduaCodec()
