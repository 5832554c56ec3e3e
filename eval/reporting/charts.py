"""The charts, as Vega-Lite. Each fills its place's width; themes.py gives the colours."""

import json

import altair

from .themes import FAMILIES

WIDTH = 760  # of a chart that stands alone


def finished(chart, height):
    spec = chart.properties(width="container", height=height).to_dict()
    spec.pop("config", None)
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def alone(spec):
    """With a width of its own, for files."""
    return {**spec, "width": WIDTH}


def whole_numbers(values):
    """An axis with a tick at some of these numbers."""
    values = sorted(set(values))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if len(values) <= 26 * step)
    return altair.Axis(values=[value for value in values if step == 1 or value % step == 0], format="d", labelOverlap="greedy")


def bottom_legend(values=None, columns=4):
    return altair.Legend(orient="bottom", title=None, columns=columns, **({} if values is None else {"values": values}))


def family_colour(present):
    return altair.Color("family:N", scale=altair.Scale(domain=FAMILIES), legend=bottom_legend(present))


def family_shape(present):
    return altair.Shape("family:N", scale=altair.Scale(domain=FAMILIES), legend=bottom_legend(present))


def size_against_speed(rows, what):
    """rows: {name, label, family, bpsp, speed, peak, front (bool)}"""
    present = [family for family in FAMILIES if any(row["family"] == family for row in rows)]
    x = altair.X("speed:Q", scale=altair.Scale(type="log", nice=False, padding=24),
                 title=f"megapixels per second, {what} (faster →)",
                 axis=altair.Axis(format="~g", tickCount=6, labelOverlap="greedy"))
    y = altair.Y("bpsp:Q", scale=altair.Scale(zero=False, padding=16), title="mean bpsp (↓ smaller files)")
    tooltip = [altair.Tooltip("label:N", title="codec"), altair.Tooltip("bpsp:Q", format=".3f", title="mean bpsp"),
               altair.Tooltip("speed:Q", format=".3g", title="Mpx/s"), altair.Tooltip("peak:Q", format=".0f", title="peak MB"),
               altair.Tooltip("front:N", title="on the front")]
    base = altair.Chart(altair.Data(values=rows))
    front = base.transform_filter("datum.front == 'yes'")
    line = front.mark_line(strokeDash=[5, 4], strokeWidth=1.5, color="#888").encode(x=x, y=y, order="speed:Q")
    points = base.mark_point(filled=True, size=110, opacity=0.95).encode(
        x=x, y=y, color=family_colour(present), shape=family_shape(present), tooltip=tooltip)
    names = front.mark_text(align="left", dx=9, dy=-8, fontSize=11).encode(x=x, y=y, text="short:N")
    return finished(altair.layer(line, points, names), 380)


PICTURE_TOOLTIP = [altair.Tooltip("image:N"), altair.Tooltip("picture:N"), altair.Tooltip("set:N")]


ONLY = "x_l only"


def sorted_pictures(rows, labels):
    """rows: {rank, picture, set, thumb, family, series, bpsp, bytes}; labels: {family: what stands in the legend}."""
    domain = [*FAMILIES, ONLY]
    names = bottom_legend([family for family in domain if family in labels or family == ONLY], columns=3)
    names.labelExpr = f"({json.dumps(labels)})[datum.label] || datum.label"
    encoding = {
        "x": altair.X("rank:Q", title="pictures, sorted by their size as RC", scale=altair.Scale(nice=False, padding=6),
                      axis=whole_numbers(row["rank"] for row in rows)),
        "y": altair.Y("bpsp:Q", title="bits per sub-pixel", scale=altair.Scale(zero=True)),
        "color": altair.Color("family:N", scale=altair.Scale(domain=domain), legend=names),
    }
    base = altair.Chart(altair.Data(values=rows))
    lines = base.mark_line(strokeWidth=1.5).encode(**encoding)
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        shape=altair.Shape("family:N", scale=altair.Scale(domain=domain), legend=names),
        tooltip=[*PICTURE_TOOLTIP, altair.Tooltip("series:N", title="as"), altair.Tooltip("bpsp:Q", format=".3f"),
                 altair.Tooltip("bytes:Q", format=",")], **encoding)
    return finished(altair.layer(lines, points), 360)


def lossy_share(rows, mean):
    """rows: {rank, picture, set, thumb, share}, in per cent."""
    y = altair.Y("share:Q", title="x_l, % of the file", scale=altair.Scale(domain=[0, 100]))
    base = altair.Chart(altair.Data(values=rows))
    points = base.mark_bar(size=5).encode(
        x=altair.X("rank:Q", title="pictures, in the same order", scale=altair.Scale(nice=False, padding=6),
                   axis=whole_numbers(row["rank"] for row in rows)), y=y,
        tooltip=[*PICTURE_TOOLTIP, altair.Tooltip("share:Q", format=".1f", title="x_l, %"),
                 altair.Tooltip("q:Q", title="Q")])
    rules = altair.Chart(altair.Data(values=mean)).mark_rule(strokeDash=[5, 4]).encode(
        y="share:Q", tooltip=[altair.Tooltip("of:N", title="mean"), altair.Tooltip("share:Q", format=".1f", title="%")])
    words = altair.Chart(altair.Data(values=mean)).mark_text(align="left", dx=6, dy=-7, fontSize=11).encode(
        y="share:Q", x=altair.value(0), text="text:N")
    return finished(altair.layer(points, rules, words), 160)


def residual_histogram(rows):
    """rows: {r, share, model}, in per cent of all sub-pixels."""
    base = altair.Chart(altair.Data(values=rows))
    x = altair.X("r:Q", title="residual r = x − x_l", scale=altair.Scale(nice=False, padding=8),
                 axis=whole_numbers(row["r"] for row in rows))
    series = ["pictures", "model's mean mixture"]
    colour = altair.Color("what:N", scale=altair.Scale(domain=series), legend=bottom_legend(columns=2))
    tooltip = [altair.Tooltip("r:Q"), altair.Tooltip("share:Q", format=".3f", title="pictures, %"),
               altair.Tooltip("model:Q", format=".3f", title="model, %")]
    bars = base.transform_calculate(what=f'"{series[0]}"').mark_bar(size=12, opacity=0.6).encode(
        x=x, y=altair.Y("share:Q", title="% of all sub-pixels"), color=colour, tooltip=tooltip)
    line = base.transform_calculate(what=f'"{series[1]}"').mark_line(point=True, strokeWidth=1.5).encode(
        x=x, y="model:Q", color=colour, tooltip=tooltip)
    return finished(altair.layer(bars, line), 320)


def bits_per_scale(rows, parts):
    """rows: {bar, part, bpsp}; parts: from the coarsest to the picture."""
    return finished(altair.Chart(altair.Data(values=rows)).mark_bar(stroke="#fff", strokeWidth=0.4).encode(
        y=altair.Y("bar:N", title=None, sort=None, axis=altair.Axis(labelLimit=200)),
        x=altair.X("bpsp:Q", title="bits per sub-pixel"),
        color=altair.Color("part:O", sort=parts, scale=altair.Scale(domain=parts), legend=bottom_legend(columns=3)),
        order=altair.Order("order:Q"),
        tooltip=[altair.Tooltip("bar:N", title="set"), altair.Tooltip("part:N"), altair.Tooltip("bpsp:Q", format=".4f")]),
        max(120, 34 * len({row["bar"] for row in rows})))


def psnr_by_q(rows, sets):
    """rows: {q, set, psnr, share}"""
    encoding = {
        "x": altair.X("q:Q", title="Q of the lossy layer", axis=whole_numbers(row["q"] for row in rows),
                      scale=altair.Scale(nice=False, padding=12)),
        "y": altair.Y("psnr:Q", title="mean PSNR of x_l, dB", scale=altair.Scale(zero=False)),
        "color": altair.Color("set:N", scale=altair.Scale(domain=sets), legend=bottom_legend()),
    }
    base = altair.Chart(altair.Data(values=rows))
    return finished(altair.layer(base.mark_line(strokeWidth=1.5).encode(**encoding), base.mark_point(filled=True, size=70, opacity=1).encode(
        shape=altair.Shape("set:N", scale=altair.Scale(domain=sets), legend=bottom_legend()),
        tooltip=[altair.Tooltip("set:N"), altair.Tooltip("q:Q", title="Q"), altair.Tooltip("psnr:Q", format=".2f", title="dB"),
                 altair.Tooltip("bpsp:Q", format=".3f", title="whole file, bpsp")], **encoding)), 300)


def runtime(rows, stages):
    """rows: {bar, stage, ms, order}"""
    return finished(altair.Chart(altair.Data(values=rows)).mark_bar().encode(
        y=altair.Y("bar:N", title=None, sort=None, axis=altair.Axis(labelLimit=240)),
        x=altair.X("ms:Q", title="milliseconds for 512×512", axis=altair.Axis(tickCount=8, labelOverlap="greedy")),
        color=altair.Color("stage:N", scale=altair.Scale(domain=stages), legend=bottom_legend(columns=3)),
        order=altair.Order("order:Q"),
        tooltip=[altair.Tooltip("bar:N", title="codec"), altair.Tooltip("stage:N"), altair.Tooltip("ms:Q", format=".3g")]),
        max(120, 26 * len({row["bar"] for row in rows})))


def sizes_of_picture(rows):
    """rows: {label, family, bytes}"""
    present = [family for family in FAMILIES if any(row["family"] == family for row in rows)]
    return finished(altair.Chart(altair.Data(values=rows)).mark_bar().encode(
        y=altair.Y("label:N", title=None, sort="x", axis=altair.Axis(labelLimit=190)),
        x=altair.X("bytes:Q", title="bytes", axis=altair.Axis(format="~s", tickCount=6, labelOverlap="greedy")),
        color=family_colour(present), tooltip=[altair.Tooltip("label:N", title="codec"), altair.Tooltip("bytes:Q", format=","),
                                               altair.Tooltip("bpsp:Q", format=".3f")]), 22 * len(rows) + 10)
