"""How charts look, light and dark. Colours after Okabe and Ito, which people with any colour vision can tell apart; each
family of codecs has a shape of its own, too."""

FAMILIES = ["OLM", "RC", "L3C", "PNG", "JPEG 2000", "WebP", "JPEG XL", "FLIF"]
SHAPES = ["circle", "square", "triangle-up", "cross", "diamond", "triangle-down", "triangle-right", "triangle-left",
          "M-0.5,-1L0,-0.4L0.5,-1L1,-0.5L0.4,0L1,0.5L0.5,1L0,0.4L-0.5,1L-1,0.5L-0.4,0L-1,-0.5Z"]
LIGHT = ["#0072b2", "#d55e00", "#009e73", "#6b6b6b", "#2a9fd6", "#b57f00", "#b8478a", "#7a4b1e", "#1c2126"]
DARK = ["#4ea8e0", "#f0803c", "#2fc79a", "#a8a8a8", "#8fd3ff", "#e9b93f", "#e58fc0", "#c99a6b", "#e8eaed"]
FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"


def theme(ink, soft, lines, colours, ramp):
    return {
        "background": None,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {"labelColor": ink, "titleColor": ink, "gridColor": lines, "domainColor": soft, "tickColor": soft,
                 "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 8},
        "legend": {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 12, "symbolSize": 90,
                   "labelLimit": 260},
        "header": {"labelColor": ink, "titleColor": ink, "labelFontSize": 12},
        "title": {"color": ink, "fontSize": 13},
        "text": {"color": ink},
        "rule": {"color": soft},
        "bar": {"color": colours[1]},
        "range": {"category": colours, "ordinal": ramp, "symbol": SHAPES},
    }


RAMP_LIGHT = ["#08306b", "#2171b5", "#6baed6", "#b5cfe6", "#d55e00", "#8c8c8c"]
RAMP_DARK = ["#dbe9f6", "#9fcbe8", "#4f9bd0", "#2a6ca8", "#f0803c", "#8c8c8c"]
THEMES = {
    "light": theme("#1c2126", "#6b747d", "#dfe3e7", LIGHT, RAMP_LIGHT),
    "dark": theme("#e8eaed", "#9aa3ac", "#363d45", DARK, RAMP_DARK),
}
