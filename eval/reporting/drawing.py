"""What the figures need beside the files: residuals and samples of them, steps of L3C's sampling, times of 512 x 512."""

import json
import re
import statistics

from pictures import Failure, Pixels, parse_pnm, read_pixels, run
from processes import measured

from .pixels import array, crop, difference, histogram, png, stretched

CROP = 192
RUNTIME_SIDE = 512
ROUNDS = 3


class Drawing:
    """A kind of result that is no file: `name` for the store and for progress; key and measure as Bench has them."""

    def __init__(self, name, configuration, measure):
        self.name, self.configuration, self.measure_function = name, configuration, measure

    def key(self, bench, picture):
        return {**bench.common(picture), "kind": self.name, "program": bench.identity,
                "options": list(self.configuration.options), "models": bench.models_key(self.configuration)}

    def measure(self, bench, picture, folder):
        return self.measure_function(bench, picture, self.configuration, folder)


def sample_options(configuration, value):
    """The options of `residua sample` that draw from the model and with the Q of a configuration's file."""
    codec = configuration.options[configuration.options.index("--codec") + 1]
    options = ["--codec", codec, "--model", value["model_name"]]
    return options + (["--lossy-q", value["q"]] if "q" in value else [])


def lossy_and_sample(bench, picture, configuration, folder):
    """The picture's x, x_l and x_l + a residual drawn from the model's distributions."""
    coded, told = bench.encoded(picture, configuration, folder)
    bench.run(configuration, "sample", picture.path, "-o", folder / "drawn", "--format", "ppm", "--quiet",
              *sample_options(configuration, told))
    return picture.read(), bench.previewed(configuration, coded, folder), read_pixels(folder / "drawn.sample.ppm")


def residuals(bench, picture, configuration, folder):
    """Figure 2: how often each residual is there, and how often the model draws it (one draw for each sub-pixel)."""
    x, lossy, sample = lossy_and_sample(bench, picture, configuration, folder)
    return {"true": histogram(difference(x, lossy)), "drawn": histogram(difference(sample, lossy))}


def figure_5(bench, picture, configuration, folder):
    """Crops: x, x_l, the residual, and a drawn one, both stretched alike."""
    x, lossy, sample = lossy_and_sample(bench, picture, configuration, folder)
    true, drawn = crop(difference(x, lossy), CROP), crop(difference(sample, lossy), CROP)
    reach = max(1, int(abs(true).max()))
    return {"x": png(crop(array(x), CROP)), "x_l": png(crop(array(lossy), CROP)), "residual": png(stretched(true, reach)),
            "sample": png(stretched(drawn, reach)), "low": int(true.min()), "high": int(true.max()),
            "beyond": int((abs(drawn) > reach).sum()) / drawn.size}


def l3c_steps(bench, picture, configuration, folder):
    """L3C's sampling: the picture drawn given all scales, given all but the finest, and so on."""
    _, told = bench.encoded(picture, configuration, folder)
    bench.run(configuration, "sample", picture.path, "-o", folder / "steps", "--format", "ppm", "--quiet",
              *sample_options(configuration, told))
    scales = sorted((int(name[1:]) for name in told["parts"] if re.fullmatch(r"z\d+", name)), reverse=True)
    steps = []
    for drawn in range(1, len(scales) + 1):
        sample = read_pixels(folder / f"steps.sample-{drawn}.ppm")
        kept = scales[:len(scales) - drawn + 1]  # the finest ones go first
        size = sum(told["parts"][f"z{scale}"] for scale in kept)
        steps.append({"kept": len(kept), "bytes": size, "image": png(crop(array(sample), CROP))})
    return {"x": png(crop(array(picture.read()), CROP)), "bytes": sum(told["parts"].values()), "steps": steps}


def tells_stages(bench):
    """Whether the tool can say how long each stage takes."""
    return b"--timing" in run([bench.program, "decode", "--help"])


def runtime(bench, picture, configuration, folder):
    """Seconds to encode and decode the middle 512 x 512 of the picture, the median of some rounds, by stage where known."""
    square = crop(array(picture.read()), RUNTIME_SIDE)
    source, coded, back, told = (folder / name for name in ("square.ppm", "square.rsd", "square-back.ppm", "timing.json"))
    source.write_bytes(Pixels(square.shape[1], square.shape[0], 3, square.tobytes()).to_pnm())
    stages = tells_stages(bench)
    found = {"encode": [], "decode": []}
    for _ in range(ROUNDS):
        for name, words in (("encode", [source, "-o", coded, "--force", "--quiet", "--fast-proof", *configuration.options]),
                            ("decode", [coded, "-o", back, "--force"])):
            words = [*words, *(["--timing", told] if stages else [])]
            usage = measured(bench.residua(configuration, name, *words), bench.environment())
            found[name].append({"whole": usage.seconds, **(read_timing(told) if stages else {})})
    if parse_pnm(back.read_bytes()).digest() != parse_pnm(source.read_bytes()).digest():
        raise Failure(f"{picture.path}: the middle of it did not come back ({configuration.name})")
    return {name: {stage: statistics.median(one[stage] for one in rounds) for stage in rounds[0]}
            for name, rounds in found.items()}


def read_timing(path):
    try:
        return {str(name): float(value) for name, value in json.loads(path.read_text()).items() if name != "total"}
    except (ValueError, AttributeError, OSError):
        raise Failure(f"{path}: not what --timing is expected to write") from None
    finally:
        path.unlink(missing_ok=True)
