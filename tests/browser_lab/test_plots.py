"""A figure in JupyterLab: drawn by the renderer that plotly brings, from the numbers alone; hostile names
are text."""
from lab import run_cell

CODE = """import ftkit as ft
from ftkit.data.checks.issue import Issue; from ftkit.data.checks.report import Report
name = '<a href="https://example.com"><b>no-link</b></a> $x$'
rows = ft.load([dict(prompt='x', completion='y')])
found = [Issue(name, 'error', None, None, 'it is so')]*3+[Issue('other', 'note', None, None, '')]
Report(found, rows).plot()"""

def test_the_figure_is_live(place):
    place.write('figure.ipynb', CODE)
    page = place.open('figure.ipynb')
    run_cell(page, 0)
    plot = page.locator('.js-plotly-plot')
    plot.locator('.bars .point').first.wait_for(timeout=60_000)
    assert plot.count()==1 and plot.locator('.bars .point').count()==2
    said = plot.locator('.yaxislayer-above text').all_text_contents()
    assert '<a href="https://example.com"><b>no-link</b></a> $x$' in said
    assert plot.locator('a[href*="example.com"]').count()==0
    place.shot(page, 'lab-figure')
