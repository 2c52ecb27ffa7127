"""The quickstart as a newcomer meets it: JupyterLab, a browser, Run All, the interrupt button, the Stop
button."""
import json, re

import ftkit as ft
from lab import cells, run_all, run_cell, save, wait_until

LONG = {
    'ft.form(cfg)':"cfg = dataclasses.replace(cfg, num_train_epochs=900, "
                   "early_stopping_patience=0)\nft.form(cfg)",
        'import ftkit as ft':'import dataclasses, ftkit as ft'}

def the_run(page, tmp_path):
    def found():
        went(page)
        # While it is made
        return [ft.attach(o['run']) for o in ft.runs(tmp_path/'runs') if o['state']!='unreadable']
    return wait_until(found)[0]
def went(page): # Have all code cells run to their end, without an error?
    got = cells(page)
    assert not any(o['error'] for o in got), got
    return all(o['count'] for o in got)

def test_run_all(open_quickstart, tmp_path):
    page = open_quickstart()
    run_all(page)
    wait_until(lambda: went(page), 240)
    run = the_run(page, tmp_path)
    assert run.status()['state']=='finished' and run.summary()['rows']>=100
    assert (run.path/'export/README.md').exists() and (run.path/'report.html').exists()
    page.wait_for_function("() => document.querySelectorAll('.ftkit').length >= 4", timeout=60_000)
    save(page)
    text = (tmp_path/'quickstart.ipynb').read_text(encoding='utf-8')
    nb = json.loads(text)
    assert 'widget-state' not in text and len(text)<600_000
    kinds = [set(o.get('data', {})) for c in nb['cells'] for o in c.get('outputs', [])]
    live = [k for k in kinds if 'application/vnd.jupyter.widget-view+json' in k]
    # Two tables, form, monitor, evaluation
    assert len(live)==5 and all({'text/html', 'text/plain'}<=k for k in live), kinds
    shown = {c['source'] if isinstance(c['source'], str) else ''.join(c['source']):json.dumps(c['outputs'])
             for c in nb['cells'] if c['cell_type']=='code'}
    assert f"all {run.status()['of']} steps done" in shown['run.watch()'] and '<svg' in shown['run.watch()']
    assert 'valid JSON' in shown['run.compare_answers()']

def test_interrupt_during_run_all_stops_the_run(open_quickstart, tmp_path):
    page = open_quickstart(**LONG)
    run_all(page)
    run = the_run(page, tmp_path)
    wait_until(lambda: run.status()['step']>=12)
    page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
    wait_until(lambda: not run.alive, 120)
    o = run.status()
    assert (o['state']=='stopped' and o['reason'].startswith('stopped by the user')
            and 0<o['best_step']<=o['step']<o['of']), o
    wait_until(lambda: went(page), 240) # The cells below go on: evaluate, export, report
    assert run.summary()['rows']>=100

def test_stop_button_of_the_panel(open_quickstart, tmp_path):
    page = open_quickstart(**LONG)
    for i in page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.map((o, i) => [o, i])"
                           ".filter(([o]) => o.model.type === 'code')"
                           ".map(([o, i]) => [i, o.model.sharedModel.getSource()])"):
        run_cell(page, i[0])
        if i[1]=='run.panel()': break
    run = the_run(page, tmp_path)
    wait_until(lambda: run.status()['step']>=3)
    stop = page.get_by_role('button', name='Stop', exact=True)
    stop.scroll_into_view_if_needed()
    stop.click()
    # It may be quick
    page.locator('.ftkit').get_by_text(re.compile('stop asked|stopped by the user',
                                                  re.I)).first.wait_for(timeout=60_000)
    wait_until(lambda: not run.alive, 120)
    assert run.status()['state']=='stopped', run.status()
    # It was acknowledged
    assert any(e.get('text', '').startswith('stop asked') for e in run.events() if e['kind']=='state')
    page.locator('.ftkit').get_by_text('stopped', exact=True).first.wait_for(timeout=60_000)
