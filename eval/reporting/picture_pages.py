"""A page for one picture: its sizes, the lossy picture inside, where the bits go."""

from pictures import Failure, read_pixels, run

from . import charts
from .content import Bold, Chart, Facts, Gallery, Report, Section, Table, Text, Verbatim, number, signed
from .pixels import array, difference, png, scaled, stretched

SIDE = 640  # of the pictures on the page, at most


def explains(bench):
    """Whether this build of the tool has `residua explain`."""
    try:
        text = run([bench.program, "explain", "--help"])
    except Failure:
        return False
    return b"--heatmap" in text


def lossy_inside(bench, picture, configuration, folder):
    """The whole picture, its lossy picture and the residual, no larger than SIDE."""
    coded, _ = bench.encoded(picture, configuration, folder)
    x, x_l = picture.read(), bench.previewed(configuration, coded, folder)
    residual = difference(x, x_l)
    return {"x": png(scaled(array(x), SIDE)), "x_l": png(scaled(array(x_l), SIDE)),
            "residual": png(scaled(stretched(residual), SIDE)), "low": int(residual.min()), "high": int(residual.max())}


def heat_map(bench, picture, configuration, folder):
    """What `residua explain` draws and says of this configuration's file."""
    coded, _ = bench.encoded(picture, configuration, folder)
    drawn = folder / "explain.png"
    told = bench.run(configuration, "explain", coded, "--heatmap", drawn)
    # Names of files that are gone afterwards say nothing.
    text = "\n".join(line for line in told.splitlines() if line.strip() != str(coded)).replace(f"{folder}/", "")
    return {"text": text.strip("\n"), "image": png(scaled(array(read_pixels(drawn)), SIDE))}


def sizes(results, picture):
    shown = results.shown()
    values = [results.value(picture, one.name) for one in shown]
    best = min(value["bytes"] for value in values)
    rows, cells = [], []
    for one, value in zip(shown, values):
        rows.append({"label": one.label, "family": one.family, "bytes": value["bytes"], "bpsp": picture.bpsp(value["bytes"])})
        size = number(value["bytes"])
        seconds = [f"{value[name]:.3f}" if name in value else "" for name in ("encode_seconds", "decode_seconds")]
        cells.append([one.label, Bold(size) if value["bytes"] == best else size, f"{picture.bpsp(value['bytes']):.4f}", *seconds])
    return Section("sizes", "Sizes", "Bytes of this picture's file as each codec, the smallest on top.", [
        Chart("sizes", "Bytes", charts.sizes_of_picture(rows), f"The smallest file has {number(best)} bytes."),
        Table("In numbers", ["codec", "bytes", "bpsp", "encode, s", "decode, s"], cells)])


def lossy_section(results, picture, found, ours):
    reading = (f"Of {ours.label}: a lossy picture, x_l, is in the file, and the residual, which is stretched to the full range "
               "here, zero white.")
    value = results.value(picture, ours.name)
    facts = [("Q of the lossy layer", f"{value['q']}, {value['bits']} bits"),
             ("x_l", f"{number(value['parts'].get('lossy layer', 0))} bytes, "
                     f"{100 * value['parts'].get('lossy layer', 0) / value['bytes']:.1f} % of the file"),
             ("tau", f"{value['parts']['tau']} bytes" if "tau" in value["parts"] else "none: it would not make the file smaller"),
             ("PSNR of x_l", "the same pixels" if value["psnr"] is None else f"{value['psnr']:.2f} dB")]
    return Section("lossy", "The lossy picture inside", reading, [
        Facts(facts), Gallery("lossy", "Picture, lossy preview, residual", [
            ("picture x", found["x"]), ("lossy preview x_l", found["x_l"]),
            (f"residual, {signed(found['low'])} … {signed(found['high'])}", found["residual"])], large=True)])


def picture_report(results, picture, heat, lossy):
    """heat: [(configuration, value or None)]; lossy: (configuration, value) or None."""
    sections = [sizes(results, picture)]
    if lossy:
        sections.append(lossy_section(results, picture, lossy[1], lossy[0]))
    reading = "Bright places took many bits. The scale is in the words below the map."
    blocks = []
    for one, value in heat:
        if value:
            blocks += [Gallery(f"heat-{one.name}", one.label, [("heat map of bits", value["image"])], large=True),
                       Verbatim(value["text"])]
    sections.append(Section("heat", "Where the bits go", reading, blocks or [
        Text("Left out: this build of residua has no `explain --heatmap`.")]))
    return Report(f"{picture.set}/{picture.name}", f"{picture.width} × {picture.height} pixels, "
                  f"{'grey' if picture.channels == 1 else 'RGB'}, SHA-256 {picture.hash[:16]}…", sections, {})
