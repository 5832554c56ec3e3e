"""The Pillow plugin: every mode, metadata, errors, Pillow's own pictures where they are."""

import io
import os
import pathlib

import numpy as np
import pytest
from conftest import jpeg_bytes, photo
from PIL import Image, ImageCms

import residua
import residua.pillow


def picture(mode, size=(37, 29)):
    """A picture of that mode, not the same everywhere."""
    width, height = size
    if mode == "1":
        return Image.fromarray(photo(height, width, 1)[:, :, 0] % 5 > 1)
    if mode == "I;16":
        return Image.fromarray(photo(height, width, 1, np.uint16)[:, :, 0])
    if mode in ("P", "PA"):
        colours = Image.fromarray(photo(height, width)).quantize(32)
        return colours if mode == "P" else colours.convert("RGBA").convert("PA")
    channels = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode]
    return Image.frombytes(mode, size, photo(height, width, channels).tobytes())


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, "RESIDUA", **options)
    return file.getvalue()


def reopened(image, **options):
    return Image.open(io.BytesIO(saved(image, **options)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "RGB", "RGBA", "CMYK"])
def test_modes_come_back(mode):
    image = picture(mode)
    again = reopened(image)
    assert (again.mode, again.size, again.format) == (mode, image.size, "RESIDUA")
    assert again.get_format_mimetype() == "image/x-residua"
    assert again.tobytes() == image.tobytes()
    twice = reopened(again)
    assert twice.tobytes() == image.tobytes()


def test_palettes_come_back_as_colours():
    image = picture("P")
    again = reopened(image)
    assert again.mode == "RGB"
    assert again.tobytes() == image.convert("RGB").tobytes()
    image.info["transparency"] = 3
    again = reopened(image)
    assert again.mode == "RGBA"
    assert again.tobytes() == image.convert("RGBA").tobytes()
    assert reopened(picture("PA")).tobytes() == picture("PA").convert("RGBA").tobytes()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_colour_becomes_alpha(mode):
    image = picture(mode)
    image.info["transparency"] = image.getpixel((3, 4))
    expected = image.convert("LA" if mode == "L" else "RGBA")
    again = reopened(image)
    assert again.mode == expected.mode
    assert again.tobytes() == expected.tobytes()


def test_sixteen_bits_in_any_byte_order():
    values = photo(9, 8, 1, np.uint16)[:, :, 0]
    for mode, order in (("I;16", "<u2"), ("I;16B", ">u2")):
        image = Image.frombytes(mode, (8, 9), values.astype(order).tobytes())
        np.testing.assert_array_equal(np.asarray(reopened(image)), values)


@pytest.mark.parametrize("mode", ["F", "I", "YCbCr", "LAB", "HSV", "RGBX", "RGBa", "La"])
def test_other_modes_are_refused(mode):
    image = Image.new(mode, (4, 4))
    with pytest.raises(residua.UnsupportedError, match=mode):
        saved(image)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "CMYK", "I;16"])
def test_sizes(mode):
    for size in ((1, 1), (1, 9), (9, 1), (17, 3), (64, 64)):
        image = picture(mode, size)
        assert reopened(image).tobytes() == image.tobytes()


def test_parts_and_views():
    image = picture("RGB").crop((3, 4, 20, 21)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert reopened(image).tobytes() == image.tobytes()


def test_metadata():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "maker"
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    data = saved(picture("RGB"), icc_profile=profile, exif=exif, xmp=xmp, metadata=[("note", b"1"), ("icc", b"no")])
    assert [name for name, _ in residua.metadata(data)] == ["icc", "xmp", "exif", "note"]
    assert dict(residua.metadata(data))["exif"][:4] in (b"II*\0", b"MM\0*")
    again = Image.open(io.BytesIO(data))
    assert again.info["icc_profile"] == profile
    assert again.info["xmp"] == xmp
    assert again.getexif()[0x0112] == 6
    assert again.getexif()[0x010F] == "maker"
    assert ("note", b"1") in again.info["metadata"]
    # Kept when it is saved again, as another format, too; and left out where that is said.
    twice = reopened(again)
    assert (twice.info["icc_profile"], twice.info["exif"], twice.info["xmp"]) == (profile, again.info["exif"], xmp)
    png = io.BytesIO()
    again.save(png, "PNG", exif=again.info["exif"])
    assert Image.open(png).getexif()[0x0112] == 6
    assert not residua.metadata(saved(again, icc_profile=None, exif=None, xmp=None))


def test_metadata_of_other_formats_is_kept():
    exif = Image.Exif()
    exif[0x0112] = 8
    jpeg = Image.open(io.BytesIO(jpeg_bytes("RGB", exif=exif)))
    assert reopened(jpeg).getexif()[0x0112] == 8


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 7, 8, 9, 12, 16])
def test_grey_of_any_bits(bits):
    values = np.arange(1 << bits).reshape(1, -1).astype(np.uint16 if bits > 8 else np.uint8)
    image = Image.open(io.BytesIO(residua.encode(values, bits=bits)))
    assert image.mode == ("1" if bits == 1 else "L" if bits <= 8 else "I;16")
    assert image.info["bits"] == bits
    shown = np.asarray(image).astype(int)[0]
    assert len(set(shown)) == 1 << bits
    if bits > 8:
        np.testing.assert_array_equal(shown, values[0])
        assert residua.info(saved(image)).bits == bits
    elif bits > 1:
        assert (shown[0], shown[-1]) == (0, 255)
    changed = image.copy()
    if bits == 12:
        changed.putpixel((0, 0), 4096)  # no longer 12 bits
        assert residua.info(saved(changed)).bits == 16


@pytest.mark.parametrize(
    ("channels", "dtype", "colour"), [(3, np.uint16, None), (2, np.uint16, None), (5, np.uint8, "cmyk")]
)
def test_what_pillow_has_no_mode_for(channels, dtype, colour):
    data = residua.encode(photo(5, 6, channels, dtype), colour=colour)
    with pytest.raises(residua.UnsupportedError, match=r"residua\.open"):
        Image.open(io.BytesIO(data))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_kept_jpeg_files_look_as_pillow_shows_them(mode):
    exif = Image.Exif()
    exif[0x0112] = 3
    jpeg = jpeg_bytes(mode, exif=exif)
    image = Image.open(io.BytesIO(residua.encode_jpeg(jpeg)))
    expected = Image.open(io.BytesIO(jpeg))
    assert image.mode == expected.mode
    assert image.tobytes() == expected.tobytes()
    assert image.getexif()[0x0112] == 3


def test_bytes_that_are_no_picture():
    with pytest.raises(residua.UnsupportedError, match="decode_jpeg"):
        Image.open(io.BytesIO(residua.encode_jpeg(b"no picture")))


def test_opening_decodes_nothing(monkeypatch, tmp_path):
    path = tmp_path / "x.rsd"
    picture("RGB").save(path)
    calls = []
    decode = residua.pillow.File.decode
    monkeypatch.setattr(residua.pillow.File, "decode", lambda self: calls.append(1) or decode(self))
    with Image.open(path) as image:
        assert (image.size, image.mode) == ((37, 29), "RGB")
        assert not calls
        image.load()
        image.load()
        assert image.getpixel((1, 1)) == picture("RGB").getpixel((1, 1))
    assert len(calls) == 1
    thumbnail = Image.open(path)
    thumbnail.thumbnail((10, 10))
    assert thumbnail.size == (10, 8)


def test_damage_is_an_error():
    data = saved(picture("RGB"))
    for size in range(0, len(data), 5):
        with pytest.raises((Image.UnidentifiedImageError, residua.Error)):
            Image.open(io.BytesIO(data[:size])).load()
    for at in range(0, len(data), 3):
        damaged = bytearray(data)
        damaged[at] ^= 0x40
        with pytest.raises((Image.UnidentifiedImageError, residua.Error)):
            Image.open(io.BytesIO(damaged)).load()


def test_a_failed_load_may_be_tried_again(monkeypatch):
    image = reopened(picture("L"))

    def fail(self):
        raise residua.MemoryLimitError("none left")

    with monkeypatch.context() as patch:
        patch.setattr(residua.pillow.File, "decode", fail)
        with pytest.raises(residua.MemoryLimitError):
            image.load()
    assert image.tobytes() == picture("L").tobytes()


def test_options_of_the_encoder(tmp_path):
    seen = []
    data = saved(picture("RGB"), codec="l3c", strip_height=16, progress=seen.append)
    assert residua.info(data).codec == "l3c"
    assert residua.info(data).strip_count == 2
    assert seen[-1] == 1
    with pytest.raises(residua.InvalidArgumentError):
        saved(picture("RGB"), effort=77)
    path = tmp_path / "x.rsd"
    with pytest.raises(residua.InvalidArgumentError):
        picture("RGB").save(path, effort=77)
    assert not path.exists()


def test_imageio(tmp_path):
    import imageio.v3 as imageio

    path = tmp_path / "x.rsd"
    pixels = photo(20, 30)
    imageio.imwrite(path, pixels, plugin="pillow", format="RESIDUA")
    np.testing.assert_array_equal(imageio.imread(path), pixels)
    assert imageio.improps(path).shape == (20, 30, 3)


FOLDER = os.environ.get("RESIDUA_PILLOW_IMAGES")


@pytest.mark.skipif(not FOLDER, reason="RESIDUA_PILLOW_IMAGES does not name the folder of Pillow's own pictures")
@pytest.mark.filterwarnings("ignore")
def test_pillows_own_pictures():
    """All that Pillow can open and this plugin keeps: equal pixels, equal profiles. Large ones are left out."""
    kept = 0
    seen = set()
    for path in sorted(pathlib.Path(FOLDER or "").iterdir()):
        try:
            image = Image.open(path)
            if image.width * image.height > 17_000:
                continue
            image.load()
        except Exception:
            continue  # they hold damaged ones, too
        pixels = (image.mode, image.size, image.tobytes())
        if pixels in seen:  # the same in another format
            continue
        seen.add(pixels)
        try:
            again = reopened(image, effort=1)
        except residua.UnsupportedError:
            assert image.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "CMYK"), path
            continue
        expected = image
        if "transparency" in image.info or image.mode in ("P", "PA"):
            expected = image.convert(again.mode)
        np.testing.assert_array_equal(np.asarray(again), np.asarray(expected), err_msg=str(path))
        assert again.info.get("icc_profile") == (image.info.get("icc_profile") or None), path
        kept += 1
    assert kept > 100
