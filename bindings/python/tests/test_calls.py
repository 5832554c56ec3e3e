"""Files, regions, metadata, JPEG files, progress, errors."""

import io
import os
import pathlib
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import GOLDEN, jpeg_bytes, photo

import residua

ENTRIES = [("icc", b"profile"), ("exif", b"II*\0rest"), ("xmp", b"<x/>"), ("jpeg:COM", b"one"), ("jpeg:COM", b"two")]


def test_metadata_in_order_with_names_that_repeat():
    data = residua.encode(photo(8, 9), effort=1, metadata=ENTRIES)
    assert residua.metadata(data) == ENTRIES
    assert residua.info(data).metadata_size == sum(len(value) for _, value in ENTRIES)
    mapped = residua.encode(photo(8, 9), effort=1, metadata={"xmp": bytearray(b"a"), "icc": memoryview(b"b")})
    assert residua.metadata(mapped) == [("xmp", b"a"), ("icc", b"b")]
    changed = residua.replace_metadata(data, {"note": b"x"})
    assert residua.metadata(changed) == [("note", b"x")]
    np.testing.assert_array_equal(residua.decode(changed), residua.decode(data))


def test_open_and_save(tmp_path):
    picture = photo(30, 20)
    path = tmp_path / "ä picture.rsd"
    residua.save(path, picture, effort=2, metadata=ENTRIES)
    with residua.open(path) as file:
        assert file.shape == picture.shape
        assert file.dtype == np.uint8
        assert file.metadata == ENTRIES
        assert file.info.codec == "olm"
        assert not file.is_jpeg
        np.testing.assert_array_equal(file.decode(), picture)
        np.testing.assert_array_equal(np.asarray(file), picture)
        np.testing.assert_array_equal(file.decode_region(3, 4, 5, 6), picture[4:10, 3:8])
        file.verify()
        assert "20 x 30" in repr(file)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    residua.save(os.fsencode(path), picture[:5])
    assert residua.open(str(path)).shape == (5, 20, 3)
    with pytest.raises(FileExistsError, match="picture"):
        residua.save(path, picture, overwrite=False)
    assert residua.open(os.fsencode(path)).shape == (5, 20, 3)


def test_open_and_save_file_objects():
    file = io.BytesIO()
    residua.save(file, photo(6, 7), effort=1)
    file.seek(0)
    assert residua.open(file).shape == (6, 7, 3)


def test_files_that_cannot_be_written_or_read(tmp_path):
    with pytest.raises(residua.IoError, match="none such"):
        residua.save(tmp_path / "none such" / "x.rsd", photo(6, 7))
    with pytest.raises(OSError, match="none"):
        residua.save(os.fsencode(tmp_path) + b"/none \xff such/x.rsd", photo(6, 7))
    with pytest.raises(FileNotFoundError):
        residua.open(tmp_path / "x.rsd")
    (tmp_path / "text").write_bytes(b"no picture")
    with pytest.raises(residua.CorruptError):
        residua.open(tmp_path / "text")


def test_regions():
    picture = photo(75, 40, 4, np.uint16)
    for strip_height in (0, 16):
        data = residua.encode(picture, effort=1, strip_height=strip_height)
        for x, y, width, height in ((0, 0, 40, 75), (3, 14, 7, 5), (39, 74, 1, 1), (0, 16, 40, 16)):
            region = residua.decode_region(data, x, y, width, height)
            np.testing.assert_array_equal(region, picture[y : y + height, x : x + width])
        for x, y, width, height in ((0, 0, 41, 1), (40, 0, 1, 1), (0, 75, 1, 1), (0, 0, 0, 1), (0, 0, 1, 0)):
            with pytest.raises(residua.InvalidArgumentError, match="does not lie in the picture"):
                residua.decode_region(data, x, y, width, height)


@pytest.mark.parametrize("effort", [1, 5, 9])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_files_come_back(mode, effort):
    jpeg = jpeg_bytes(mode)
    data = residua.encode_jpeg(jpeg, effort=effort)
    assert len(data) < len(jpeg)
    assert residua.is_jpeg(data)
    assert residua.info(data).codec == "jpeg"
    assert residua.decode_jpeg(data) == jpeg
    residua.verify(data)
    file = residua.open(io.BytesIO(data))
    assert file.is_jpeg
    assert file.decode_jpeg() == jpeg
    assert file.decode().shape == file.shape
    assert file.preview().shape[:2] == (7, 9)


def test_pixels_of_a_kept_jpeg_are_those_of_its_decoder():
    from PIL import Image

    jpeg = jpeg_bytes("RGB", subsampling=2)
    decoded = residua.decode(residua.encode_jpeg(jpeg))
    np.testing.assert_array_equal(decoded, np.asarray(Image.open(io.BytesIO(jpeg))))


def test_what_is_no_jpeg_is_kept_without_pixels():
    data = residua.encode_jpeg(b"no picture at all")
    assert residua.decode_jpeg(data) == b"no picture at all"
    assert residua.info(data).colour is None
    for call in (residua.decode, residua.metadata):
        with pytest.raises(residua.UnsupportedError):
            call(data)
    with pytest.raises(residua.UnsupportedError):
        residua.decode_jpeg(residua.encode(photo(5, 5)))
    assert not residua.is_jpeg(b"")


def test_previews():
    data = residua.encode(photo(40, 50), codec="l3c")
    assert residua.preview(data).shape == (40, 50, 3)
    with pytest.raises(residua.UnsupportedError):
        residua.preview(residua.encode(photo(40, 50)))


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, lambda b: np.frombuffer(b, np.uint8)])
def test_bytes_of_any_kind(wrap):
    picture = photo(10, 11)
    data = residua.encode(picture)
    np.testing.assert_array_equal(residua.decode(wrap(data)), picture)
    residua.verify(wrap(data))
    assert residua.info(wrap(data)) == residua.info(data)


@pytest.mark.parametrize("bad", [None, 5, "text", [1, 2]])
def test_what_has_no_bytes_is_a_type_error(bad):
    for call in (
        residua.decode,
        residua.verify,
        residua.info,
        residua.metadata,
        residua.decode_jpeg,
        residua.encode_jpeg,
    ):
        with pytest.raises(TypeError):
            call(bad)


def test_errors_are_classes_by_status():
    kinds = [getattr(residua, name) for name in residua.__all__ if name.endswith("Error")]
    assert {kind.status for kind in kinds} == {status for status in residua.Status if status}
    assert all(issubclass(kind, residua.Error) for kind in kinds)
    with pytest.raises(residua.TruncatedError) as caught:
        residua.decode(residua.encode(photo(10, 11))[:-1])
    assert caught.value.status is residua.Status.TRUNCATED
    assert isinstance(caught.value, ValueError)


def test_memory_limit():
    picture = photo(200, 300)
    data = residua.encode(picture, effort=1, strip_height=16)
    with pytest.raises(residua.MemoryLimitError) as caught:
        residua.decode(data, memory_limit=100_000)
    assert isinstance(caught.value, MemoryError)
    with pytest.raises(residua.MemoryLimitError):
        residua.encode(picture, memory_limit=50_000)
    # What earlier calls gave does not count.
    kept = [residua.decode(data, memory_limit=100_000_000) for _ in range(3)]
    assert len(kept) == 3


def test_progress_rises_to_one():
    seen = []
    data = residua.encode(photo(80, 60), strip_height=16, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    seen.clear()
    residua.decode(data, progress=seen.append)
    assert len(seen) > 1
    assert seen[-1] == 1


class StopError(Exception):
    """What a test raises."""


def stop(fraction):
    raise StopError(fraction)


def test_progress_may_raise(tmp_path):
    picture = photo(80, 60)
    data = residua.encode(picture, strip_height=16)
    jpeg = jpeg_bytes()
    calls = [
        lambda: residua.encode(picture, progress=stop),
        lambda: residua.save(tmp_path / "x.rsd", picture, progress=stop),
        lambda: residua.decode(data, progress=stop),
        lambda: residua.decode_region(data, 0, 0, 5, 5, progress=stop),
        lambda: residua.verify(data, progress=stop),
        lambda: residua.encode_jpeg(jpeg, progress=stop),
        lambda: residua.decode_jpeg(residua.encode_jpeg(jpeg), progress=stop),
    ]
    for call in calls:
        with pytest.raises(StopError):
            call()
    assert not list(tmp_path.iterdir())
    np.testing.assert_array_equal(residua.decode(data), picture)


def test_progress_may_use_the_library_itself():
    small = photo(8, 8)
    files = []
    residua.encode(photo(40, 40), progress=lambda _: files.append(residua.encode(small, effort=1)))
    assert set(files) == {residua.encode(small, effort=1)}


@pytest.fixture
def no_forced_switches():
    """The interpreter's lock goes to another thread only where its holder gives it up."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(before)


def test_another_thread_runs_while_it_codes(no_forced_switches):
    done = threading.Event()
    steps = 0

    def other():
        nonlocal steps
        while not done.is_set():
            steps += 1
            time.sleep(0)  # gives up the lock

    thread = threading.Thread(target=other)
    thread.start()
    ran = False
    for _ in range(50):
        seen = []
        residua.encode(photo(60, 60), progress=lambda _, seen=seen: seen.append(steps))
        ran = ran or seen[-1] > seen[0]
        if ran:
            break
    done.set()
    thread.join()
    assert ran


def test_two_calls_at_the_same_time():
    """Two calls that code at the same time: each goes on only once the other has begun, too."""
    both = threading.Barrier(2, timeout=60)
    met = []

    def code():
        first = []

        def progress(fraction):
            if not first:
                first.append(fraction)
                met.append(both.wait())

        residua.encode(photo(60, 60), progress=progress)

    threads = [threading.Thread(target=code) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(met) == [0, 1]


def test_many_threads():
    pictures = [photo(20 + n, 30) for n in range(8)]
    results = {}

    def code(n):
        for _ in range(3):
            results[n] = residua.decode(residua.encode(pictures[n], effort=1))

    threads = [threading.Thread(target=code, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n, picture in enumerate(pictures):
        np.testing.assert_array_equal(results[n], picture)


def run_python(code):
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=300)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_works_in_forked_processes():
    code = (
        "import os, numpy as np, residua\n"
        "from residua import _contexts\n"
        "picture = np.arange(1200, dtype=np.uint8).reshape(20, 20, 3)\n"
        "with _contexts.context(2, 0) as made_before:\n"
        "    data = residua.encode(picture, threads=2)\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        same = np.array_equal(residua.decode(data, threads=2), picture)\n"
        "        try:\n"
        "            made_before.decode(data, progress=None)\n"
        "        except residua.InvalidArgumentError:\n"
        "            os._exit(0 if same else 1)\n"
        "        os._exit(2)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    outcome = run_python(code)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_signals_end_a_call(tmp_path):
    """Ctrl-C from another thread, which runs only once the call has given up the lock: no file is written then."""
    path = tmp_path / "x.rsd"
    code = (
        "import os, signal, threading, numpy as np, residua\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what runs in the background may ignore it
        "picture = np.random.default_rng(1).integers(0, 256, (700, 700, 3), np.uint8)\n"
        "ready = threading.Event()\n"
        "def interrupt():\n"
        "    ready.wait()\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=interrupt).start()\n"
        "try:\n"
        "    ready.set()\n"
        f"    residua.save({str(path)!r}, picture, effort=7)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    outcome = run_python(code)
    assert outcome.stdout == "interrupted\n", outcome.stderr
    assert not path.exists()


def test_nothing_leaks():
    """nanobind says so on standard error when the interpreter ends and objects are left."""
    code = (
        "import numpy as np, residua, sys\n"
        "picture = np.zeros((20, 30, 3), np.uint8)\n"
        "calls = []\n"
        "progress = calls.append\n"
        "before = sys.getrefcount(progress), sys.getrefcount(picture)\n"
        "for n in range(50):\n"
        "    data = residua.encode(picture, progress=progress)\n"
        "    kept = residua.decode(data, progress=progress)[1:2]\n"
        "    for bad in (data[:9], b'', None):\n"
        "        try: residua.decode(bad)\n"
        "        except (residua.Error, TypeError): pass\n"
        "assert (sys.getrefcount(progress), sys.getrefcount(picture)) == before\n"
        "keep = residua._contexts.context(0, 0).__enter__()\n"
        "class Holds: pass\n"
        "cycle = Holds(); cycle.self = cycle; cycle.array = residua.decode(data)\n"
    )
    outcome = run_python(code)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_memory_of_results_is_given_back():
    code = (
        "import numpy as np, residua, resource\n"
        "picture = np.zeros((1000, 1000, 3), np.uint8)\n"
        "data = residua.encode(picture, effort=1)\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for _ in range(3): residua.decode(data)\n"
        "before = peak()\n"
        "for _ in range(40): residua.decode(data)\n"
        "assert peak() - before < 30_000, peak() - before\n"  # kB; 40 pictures have 120 MB
    )
    outcome = run_python(code)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_arrays_outlive_what_made_them():
    decoded = residua.decode(residua.encode(photo(30, 30)), memory_limit=1 << 30)
    expected = decoded.copy()
    for _ in range(5):
        residua.decode(residua.encode(photo(31, 30)), memory_limit=1 << 30)
    np.testing.assert_array_equal(decoded, expected)


def test_models():
    models = {model.name: model for model in residua.models()}
    assert models["olm"].built_in
    assert models["olm"].codec == "olm"
    golden = residua.add_model(GOLDEN / "olm-fast.rsm")
    assert golden == residua.add_model((GOLDEN / "olm-fast.rsm").read_bytes())
    assert models[golden.name].hash == golden.hash
    assert not golden.built_in
    with pytest.raises(residua.CorruptError):
        residua.add_model(b"no model")
    with pytest.raises(FileNotFoundError):
        residua.add_model("none such.rsm")


def test_version_is_that_of_the_package():
    import importlib.metadata

    assert residua.__version__ == importlib.metadata.version("residua")
    assert pathlib.Path(residua.__file__).with_name("py.typed").exists()
    stub = pathlib.Path(residua.__file__).with_name("_native.pyi").read_text()
    assert "def decode_region(" in stub


def test_everything_public_says_what_it_is():
    for name in residua.__all__:
        assert getattr(residua, name).__doc__, name
