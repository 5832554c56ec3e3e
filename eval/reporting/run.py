"""A whole run: what is to be done, doing it, and what is written at the end."""

import shutil
import sys
import tempfile
from pathlib import Path

from pictures import Failure

from . import configurations, files, html, l3c_sections, picture_pages, rc_sections, sizes
from .content import Facts, Report, Section
from .drawing import RUNTIME_SIDE, Drawing, figure_5, l3c_steps, residuals, runtime, tells_stages
from .measuring import Bench, Picture, refusal
from .peers import PEERS
from .pixels import thumbnail
from .progress import Progress
from .results import Results
from .store import Store

THUMBNAIL = 192
RUNTIME_PICTURES = 3


class Job:
    """One result: `measure(folder)` makes it where the store does not have `key`."""

    def __init__(self, kind, picture, key, measure, take):
        self.kind, self.picture, self.key, self.measure, self.take = kind, picture, key, measure, take


def everything(models):
    return configurations.own(models) + configurations.sweep(configurations.paper_rc(models)) + PEERS


def list_configurations(arguments):
    bench = Bench(arguments.residua, model_files=arguments.model_file)
    for one in configurations.select(everything(bench.models), arguments.configurations):
        print(f"{one.name:24} {one.label}{': ' + one.option_text if one.options else ''}")


def readable(sets):
    """(pictures, [what is left out and why])"""
    pictures, refused = [], []
    for set_name, paths in sets.items():
        for path in paths:
            reason = refusal(path)
            if reason:
                refused.append(f"{set_name}/{path.name} ({reason})")
            else:
                pictures.append(Picture(set_name, path))
    if not pictures:
        raise Failure("no picture is left: " + "; ".join(refused))
    return pictures, refused


def installed(chosen, bench):
    """(configurations without the peers that are missing, their names)"""
    there, missing = [], []
    for one in chosen:
        if one.group == "peer":
            version = one.peer.version()
            if version is None:
                missing.append(one)
                continue
            bench.peer_versions[one.name] = version
        there.append(one)
    if not there:
        raise Failure("none of the chosen programs is installed: " + ", ".join(one.peer.program for one in missing))
    return there, missing


def jobs_of(pictures, chosen, bench, samples):
    """All jobs, picture by picture, so that speeds of all kinds are known early; and the results they fill."""
    results = Results(pictures, chosen, {}, {}, {})
    rc = results.paper_rc()
    l3c = next((one for name in ("model-l3c-paper", "l3c-plain", "l3c") for one in chosen if one.name == name), None)
    ours = [one for name in ("rc-plain", "model-rc-paper", "rc", "model-l3c-paper", "l3c-plain", "l3c", "olm-1", "olm-5")
            for one in chosen if one.name == name]
    timed = [(one.label, Drawing(f"runtime-{one.name}", one, runtime)) for one in ours]
    large = [picture for picture in pictures if min(picture.width, picture.height) >= RUNTIME_SIDE][:RUNTIME_PICTURES]
    jobs, of_set = [], {}
    for picture in pictures:
        index = of_set[picture.set] = of_set.get(picture.set, 0) + 1
        for one in chosen:
            jobs.append(Job(one.name, picture, bench.key(picture, one),
                            lambda folder, picture=picture, one=one: bench.measure(picture, one, folder),
                            lambda value, picture=picture, one=one: results.values.update({(picture.hash, one.name): value})))
        drawings = [Drawing("residuals", rc, residuals)] if rc else []
        if index <= samples:
            drawings += [Drawing("figure-5", rc, figure_5)] if rc else []
            drawings += [Drawing("l3c-steps", l3c, l3c_steps)] if l3c else []
        drawings += [drawing for _, drawing in timed] if picture in large else []
        jobs += [drawing_job(bench, picture, drawing, results) for drawing in drawings]
    return jobs, results, [(label, drawing.name) for label, drawing in timed]


def drawing_job(bench, picture, drawing, results):
    return Job(drawing.name, picture, drawing.key(bench, picture),
               lambda folder: drawing.measure(bench, picture, folder),
               lambda value: results.drawn.update({(picture.hash, drawing.name): value}))


def page_jobs(bench, results):
    """What the pages need beside the rest: [jobs], and the configurations of the heat maps."""
    heated = [results.reference()] if results.reference().group != "peer" else []
    rc = results.paper_rc()
    heated += [rc] if rc and rc not in heated else []
    explained = picture_pages.explains(bench)
    jobs = []
    for picture in results.pictures:
        drawings = [Drawing("lossy", rc, picture_pages.lossy_inside)] if rc else []
        drawings += [Drawing(f"heat-{one.name}", one, picture_pages.heat_map) for one in heated] if explained else []
        jobs += [drawing_job(bench, picture, drawing, results) for drawing in drawings]
    return jobs, heated


def work(jobs, store, out):
    """Does what the store does not have. Pictures that are the same file count once."""
    todo, seen = [], set()
    for job in jobs:
        digest = store.digest(job.key)
        if store.find(job.key) is None and digest not in seen:
            seen.add(digest)
            todo.append(job)
    if len(todo) < len(jobs):
        print(f"{len(jobs) - len(todo)} of {len(jobs)} results are there already", file=sys.stderr)
    progress = Progress([(job.kind, job.picture.pixels) for job in todo])
    for job in todo:
        with tempfile.TemporaryDirectory(prefix="residua-report-", dir=out) as folder:
            value = store.add(job.key, job.measure(Path(folder)))
        size = f", {value['bytes']:,} bytes" if "bytes" in value and "encode_seconds" in value else ""
        progress.finished(job.kind, job.picture.pixels, f"{job.picture.set}/{job.picture.name}, {job.kind}{size}")
    for job in jobs:
        job.take(store.find(job.key))


def measured_section(bench, results, missing, refused):
    facts = [("Pictures", "; ".join(f"{name}: {len(results.of_set(name))}" for name in results.sets)
              + f" ({sum(picture.pixels for picture in results.pictures) / 1e6:.2f} megapixels in all)"),
             ("Residua", f"version {bench.version}, program {bench.identity}"),
             ("Models", "; ".join(models_used(results)) or "none"),
             ("Other programs", "; ".join(f"{one.label} ({one.peer.program} {bench.peer_versions[one.name]})"
                                          for one in results.configurations if one.group == "peer" and one.peer.program) or "none"),
             ("Not installed here", "; ".join(f"{one.label} ({one.peer.program})" for one in missing) or "nothing"),
             ("Machine", bench.machine),
             ("Encoded and timed", f"{bench.isa}, {threads_text(bench.threads)}, all programs alike where they can"),
             ("Decoded once more", f"{bench.check_isa}, {threads_text(bench.check_threads)} (Residua's files)")]
    if refused:
        facts.append(("Left out", "; ".join(refused)))
    return Section("measured", "What was measured",
                   "Every number is of a real file that was written, decoded and compared with the picture, sample by sample, "
                   "by programs that are not Residua's. bpsp, bits per sub-pixel, is bits of the whole file / (channels × "
                   "width × height).", [Facts(facts)])


def threads_text(count):
    return f"{count} thread{'s' if count > 1 else ''}"


def models_used(results):
    found = {}
    for one in results.shown():
        for picture in results.pictures:
            value = results.value(picture, one.name)
            if "model" in value:
                found[value["model_name"]] = value["model"]
    return [f"{name} {digest}" for name, digest in sorted(found.items())]


def report(arguments, sets):
    out = arguments.out
    bench = Bench(arguments.residua, arguments.threads, arguments.model_file, arguments.keep)
    chosen, missing = installed(configurations.select(everything(bench.models), arguments.configurations), bench)
    out.mkdir(parents=True, exist_ok=True)
    for one in missing:
        print(f"not installed: {one.peer.program} ({one.label})", file=sys.stderr)
    store = Store(out / "measurements.jsonl")
    for left in out.glob("residua-report-*"):  # of a run that was killed
        shutil.rmtree(left)
    pictures, refused = readable(sets)
    jobs, results, timed = jobs_of(pictures, chosen, bench, arguments.samples)
    more, heated = page_jobs(bench, results) if arguments.pages else ([], [])
    work(jobs + more, store, out)
    store.close()
    pages = {index: f"pages/{index:03}.html" for index in range(len(pictures))} if arguments.pages else {}
    sections = [
        measured_section(bench, results, missing, refused), sizes.table_1(results), sizes.size_and_speed(results),
        rc_sections.figure_4(results), rc_sections.table_2(results), rc_sections.figure_2(results),
        rc_sections.figure_5(results), rc_sections.psnr_by_q(results), l3c_sections.learned_z(results),
        l3c_sections.bits_per_scale(results), l3c_sections.sampling(results),
        l3c_sections.runtime(results, timed, bench.threads, tells_stages(bench)), sizes.every_picture(results, pages)]
    lead = (f"{len(pictures)} pictures, {len(results.shown())} codecs and modes: how small, how fast, and what Residua's "
            "learned codecs do inside.")
    thumbnails = {index: thumbnail(picture.read(), THUMBNAIL) for index, picture in enumerate(pictures)}
    whole = Report("Residua: report on lossless codecs", lead, sections, thumbnails)
    names = files.write_all(whole, results, out)
    for index, address in pages.items():
        picture = pictures[index]
        heat = [(one, results.drawn.get((picture.hash, f"heat-{one.name}"))) for one in heated]
        rc = results.paper_rc()
        lossy = (rc, results.drawn[picture.hash, "lossy"]) if rc else None
        files.write(out / address, html.page(picture_pages.picture_report(results, picture, heat, lossy), "../index.html"))
    print(f"written: {', '.join(str(out / name) for name in names)}" + (f" and {len(pages)} pages" if pages else ""))
