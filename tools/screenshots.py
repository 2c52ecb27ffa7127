"""Make the pictures in docs/img: each panel in a real JupyterLab, on a real run.

    python tools/screenshots.py RUN [--dark] [--out FOLDER] [--only data review]

RUN is a run that was evaluated, such as the one `make demo` leaves in demo/runs; `-` where no picture needs
one."""
import argparse, json, sys, tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from lab import cells, chromium, lab, open_notebook, run_all, wait_until

ROOT = Path(__file__).resolve().parents[1]
CELLS = dict(
    data="dirty = ft.load(ft.sample('tickets_dirty'))\ndirty.look(dirty.check())",
    review="""import time
rows = ft.load(ft.sample('tickets_dirty')).clean(ft.Recipe(normalize=True)).examples
mine = ft.Review('shots.jsonl', 'ann')
for i,v in enumerate(('keep', 'keep', 'drop', 'keep', 'fix', 'keep', 'keep', 'unsure', 'keep')*5):
    mine.decide(rows[7*i], v, order='random', t=time.time()-(45-i)*7)
rows.review('shots.jsonl', rows.check(), reviewer='ann')""",
    tokens="run.rows('train').tokens(run.config.model, 256)",
    form='ft.form(run.config)',
    monitor='run.panel()',
    evals='run.compare_answers()')

def notebook(run, names):
    "One cell for each panel"
    def code(text):
        return dict(cell_type='code', id=f'c{abs(hash(text))%10**8}', metadata={}, source=text, outputs=[],
                    execution_count=None)
    top = 'import ftkit as ft' + (f'\nrun = ft.attach({str(run)!r})' if run else '')
    return dict(cells=[code(o) for o in (top, *(CELLS[k] for k in names))],
                metadata=dict(kernelspec=dict(name='python3', display_name='python3', language='python')),
                nbformat=4, nbformat_minor=5)

def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('run')
    p.add_argument('--out', default=ROOT/'docs/img', type=Path)
    p.add_argument('--dark', action='store_true')
    p.add_argument('--only', nargs='*', choices=CELLS, default=[*CELLS])
    o = p.parse_args()
    run = None if o.run=='-' else Path(o.run).resolve()
    o.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as tmp:
        (Path(tmp)/'shots.ipynb').write_text(json.dumps(notebook(run, o.only)))
        with lab(tmp, o.dark) as url, chromium() as browser:
            page = open_notebook(browser, url, 'shots.ipynb', 1200, 4600)
            page.evaluate("() => { window.jupyterapp.shell.collapseLeft(); }")
            run_all(page)
            wait_until(lambda: all(c['count'] for c in cells(page)) and
                       not any(c['error'] for c in cells(page)), 120)
            if 'data' in o.only:
                page.get_by_role('button', name='leaked-marker').first.click() # A row with something to see
            if 'review' in o.only:
                page.get_by_label('Order').select_option('cluster')
            page.wait_for_timeout(2500) # Charts draw themselves after their data
            for i,name in enumerate(o.only, 1):
                out = page.locator('.jp-Notebook-cell').nth(i).locator('.jp-OutputArea-output').first
                out.scroll_into_view_if_needed()
                page.wait_for_timeout(300)
                inner = out.locator('.ftkit').first
                (inner if inner.count() else out).screenshot(
                    path=o.out/f"{name}{'-dark' if o.dark else ''}.png")
                print(o.out/f"{name}{'-dark' if o.dark else ''}.png")
            if page.faults: sys.exit('\n'.join(page.faults))

if __name__=='__main__': main()
