"""The pixels of every golden file are those that the command line tool writes."""

import subprocess

import numpy as np
import pytest
from conftest import GOLDEN

import residua

FILES = sorted(GOLDEN.glob("*.rsd"))


def read_pam(data):
    head, pixels = data.split(b"ENDHDR\n", 1)
    fields = dict(line.split(b" ", 1) for line in head.splitlines() if b" " in line)
    height, width, depth, largest = (int(fields[key]) for key in (b"HEIGHT", b"WIDTH", b"DEPTH", b"MAXVAL"))
    samples = np.frombuffer(pixels, ">u2" if largest > 255 else np.uint8)
    return samples.reshape((height, width) if depth == 1 else (height, width, depth))


def test_there_are_golden_files():
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_same_pixels(path, tool, tmp_path):
    data = path.read_bytes()
    about = residua.info(data)
    if not residua.can_decode(about.codec):
        with pytest.raises(residua.UnsupportedError, match="libde265"):
            residua.decode(data)
        return
    if about.codec == "jpeg":
        kept = tmp_path / "kept.jpg"
        subprocess.run([tool, "decode", "-q", path, "-o", kept], check=True)
        assert residua.decode_jpeg(data) == kept.read_bytes()
        if about.width == 0:
            return
    models = [option for model in GOLDEN.glob("*.rsm") for option in ("--model-file", model)]
    output = tmp_path / "pixels.pam"
    outcome = subprocess.run([tool, "decode", "-q", *models, path, "-o", output], capture_output=True)
    if path.stem in ("jpeg-odd", "jpeg-arithmetic-odd"):
        # JPEG files with damage, of which the tool writes no other format. The library has compared the checksum.
        assert outcome.returncode == 4
        assert residua.decode(data).shape == about.shape
        return
    assert outcome.returncode == 0, outcome.stderr
    expected = read_pam(output.read_bytes())
    decoded = residua.decode(data)
    if about.colour == "cmyk" and about.codec == "jpeg":
        decoded = 255 - decoded  # PAM has 0 for no ink
    if about.bits == 1:
        expected = expected // expected.max(initial=1)
    np.testing.assert_array_equal(decoded, expected)
    residua.verify(data)
    height, width = decoded.shape[:2]
    part = residua.decode_region(data, width // 3, height // 3, width // 2, height // 2)
    whole = residua.decode(data)
    expected_part = whole[height // 3 :, width // 3 :][: height // 2, : width // 2]
    np.testing.assert_array_equal(part, expected_part)
