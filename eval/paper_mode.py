"""eval/compare --paper: files of both papers' codecs as the papers code them, beside the other codecs, and the bars
that the papers' own claims set."""

from concurrent.futures import ThreadPoolExecutor

import tables
from lossless import Residua
from pictures import Failure, read_pixels

PAPER_MODELS = {"rc": "rc-paper", "l3c": "l3c-paper"}
CODECS = tuple(PAPER_MODELS)


def parse_models(text):
    """{codec: model} of "rc=NAME,l3c=NAME", either of which may be left out."""
    models = dict(PAPER_MODELS)
    for part in text.split(",") if text else []:
        codec, equals, name = part.partition("=")
        if codec not in models or not equals or not name:
            raise Failure(f"--paper takes rc=MODEL and l3c=MODEL, separated by a comma, not '{part}'")
        models[codec] = name
    return models


def bars(means, adapting):
    """(text, met) for each set, what the papers claim, or what is wanted with adaptation."""
    found = []
    for mean in means:
        rc, l3c = mean.bpsp("rc"), mean.bpsp("l3c")
        png, webp = mean.values.get("png"), mean.values.get("webp")
        if not adapting:
            found.append((f"{mean.set}: L3C below PNG", l3c < png))
            found.append((f"{mean.set}: RC below L3C", rc < l3c))
            if mean.set == "oi" and webp:
                found.append((f"{mean.set}: L3C at most 10 % above WebP", l3c <= 1.1 * webp))
                found.append((f"{mean.set}: RC below WebP", rc < webp))
        elif mean.set in ("oi", "clic25") and webp:
            found.append((f"{mean.set}: L3C below WebP", l3c < webp))
            found.append((f"{mean.set}: RC below WebP", rc < webp))
    return found


def markdown(means):
    names, labels = means[0].codecs(), tables.LABELS
    against = [name for name in ("png", "webp") if name in names]
    head = ["set, mean bpsp"] + [labels[name] for name in names]
    head += [f"{labels[codec]} against {labels[name]}" for codec in CODECS for name in against]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for mean in means:
        cells = [f"{mean.set} ({mean.count} pictures)"] + [f"{mean.bpsp(name):.3f}" for name in names]
        cells += [tables.signed(100 * (1 - mean.bpsp(codec) / mean.bpsp(name))) for codec in CODECS for name in against]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def coders(base, models, adapting, extra):
    """For each codec the tool, which decodes and compares every file. base: instruction sets and general options."""
    options = ["--adaptation", "on" if adapting else "off"]
    return {codec: Residua(base.program, base.encode_isa, base.decode_isa,
                           encode_options=["--codec", codec, "--model", model, *options, *extra], options=base.options)
            for codec, model in models.items()}


def measure(sets, codecs, peers, cache, jobs):
    def one(name, path):
        pixels = read_pixels(path)
        sizes = {codec: tool.measure(path, pixels) for codec, tool in codecs.items()}
        sizes["png"] = path.stat().st_size
        for peer, version in peers:
            sizes[peer.name] = cache.measure(peer, version, path, pixels)
        return tables.Row(name, path.name, pixels.width, pixels.height, pixels.channels, sizes)

    rows = []
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        futures = [pool.submit(one, name, path) for name, paths in sets.items() for path in paths]
        try:
            for future in futures:
                rows.append(future.result())
                row = rows[-1]
                sizes = ", ".join(f"{tables.LABELS[codec]} {row.sizes[codec]}" for codec in codecs)
                print(f"{row.set}/{row.file}: identical, {sizes} bytes ({len(rows)} of {len(futures)})", flush=True)
        except Failure:
            pool.shutdown(cancel_futures=True)
            raise
    return rows


def run(sets, base, models, adapting, extra, peers, cache, jobs, out):
    """Prints and writes the table; returns the bars that are missed."""
    rows = measure(sets, coders(base, models, adapting, extra), peers, cache, jobs)
    means = tables.means(rows)
    text = markdown(means) + "\n"
    found = bars(means, adapting)
    for line, met in found:
        text += f"- {line}: {'yes' if met else 'NO'}\n"
    out.mkdir(parents=True, exist_ok=True)
    (out / "compare-paper.md").write_text(text)
    (out / "compare-paper.tsv").write_text(tables.tsv(rows))
    print(f"\n{text}\nwritten: {out}/compare-paper.md, compare-paper.tsv")
    return [line for line, met in found if not met]
