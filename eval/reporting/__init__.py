"""The modules of eval/report, in the data's way:

    configurations, peers    what is compared
    store, progress          results that are kept at once, and how long the rest takes
    measuring, drawing       one real file, one figure's data
    figures, summary         numbers of many pictures
    charts, sections         what they look like, as Vega-Lite and as text and tables
    html, markdown, files    the same sections as a page and as files
"""
