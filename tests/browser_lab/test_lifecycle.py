"""One run's whole road in JupyterLab: form, monitor, stop, resume, tabs, a second notebook, a restart, an
interrupt.

Under ipykernel 6.31 the part that depends on the kernel: start, points, a click beside a busy cell."""
import os, re, time

import ftkit as ft
import kernels
import lab as lab_
import pytest
from ftkit.run.folder import Run
from lab import cells, run_cell, save, wait_until
from moving import BUSY, moves, step_of

FORM = """import ftkit as ft
ft.load(ft.sample(), limit=60).split((.7, .15, .15)).save('data')
cfg = ft.RunConfig('tiny-random', 'data/train.jsonl', 'data/validation.jsonl', num_train_epochs=1000,
                   batch_size=2, eval_steps=50, save_steps=50, early_stopping_patience=0, sample_tokens=8)
ft.form(cfg, 'config.yaml')"""
PANEL = """import glob, ftkit as ft
run = ft.attach(glob.glob('runs/*')[0])
run.panel()"""
KERNEL = 'import ipykernel\nprint(ipykernel.__version__)'
WATCH = 'run.watch().status()["state"]'

@pytest.fixture(params=['newest', 'ipykernel-6.31'])
def which(request, place, tmp_path):
    "Notebooks for a kernel of these versions; a run that is left over is ended"
    name = 'python3'
    if request.param!='newest':
        try: kernels.environment(request.param)
        except (RuntimeError, OSError) as e:
            if os.environ.get('FTKIT_REQUIRE_BROWSER')=='1': raise
            pytest.skip(f'LEFT OUT: {request.param} ({e})')
        name = f'ftkit-{request.param}'
    place.write('a.ipynb', FORM, PANEL, KERNEL, BUSY, WATCH, kernel=name)
    place.write('b.ipynb', PANEL, kernel=name)
    yield request.param
    for o in ft.runs(tmp_path/'runs'):
        if (run := Run(o['run'])).alive: run.stop(True)

def theme(page, name):
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })",
                  f'JupyterLab {name}')

def begin(page, i):
    "Run a cell; does not wait"
    page.evaluate("""(i) => { const nb = window.jupyterapp.shell.currentWidget.content;
      nb.activeCellIndex = i; window.jupyterapp.commands.execute('notebook:run-cell'); }""", i)

def look(page, i):
    "Scroll to a cell; JupyterLab may leave out what is far from sight"
    page.evaluate("""async (i) => { const nb = window.jupyterapp.shell.currentWidget.content;
      nb.activeCellIndex = i; await nb.scrollToItem(i); }""", i)

def test_the_whole_road(place, which):
    folder = place.folder
    def open_page(name): return place.open(name, height=1500)
    def shot(page, name):
        if not (at := os.environ.get('FTKIT_SHOTS')): return
        page.get_by_role('region', name='Training').evaluate('o => o.scrollIntoView()')
        page.screenshot(path=f'{at}/lifecycle-{which}-{name}.png')
    page = open_page('a.ipynb')
    if which!='newest': theme(page, 'Dark')
    run_cell(page, 2)
    text = page.locator('.jp-OutputArea-output').first.inner_text()
    assert which=='newest' or text.startswith('6.31.'), text
    # From the form
    run_cell(page, 0)
    assert not cells(page)[0]['error'], cells(page)[0]
    form = page.get_by_role('region', name='Run configuration')
    form.get_by_role('button', name='Start run').click(timeout=60_000)
    run = wait_until(lambda: [ft.attach(o['run']) for o in ft.runs(folder/'runs')
                              if o['state']!='unreadable'], 30)[0]
    # Points arrive
    run_cell(page, 1)
    p = page.get_by_role('region', name='Training')
    button = lambda name: p.get_by_role('button', name=name, exact=True)
    times = dict(first=moves(p))
    wait_until(lambda: run.status()['checkpoint'], 120)
    shot(page, 'points')
    if which=='newest':
        # Stop: answered by the run, and what was learned is kept
        began = time.time()
        button('Stop').click()
        p.get_by_text(re.compile('The run has heard|stopped by the user',
                                 re.I)).first.wait_for(timeout=60_000)
        times['heard'] = round(time.time()-began, 2)
        button('Resume').wait_for(timeout=60_000)
        o = run.status()
        assert (o['state'], o['why'])==('stopped', 'user') and (run.path/'adapter').is_dir(), o
        shot(page, 'stopped')
        # Resume: on from the step of the checkpoint
        button('Resume').click()
        wait_until(lambda: (s := run.status())['attempt']==2 and s['state']=='running' and
                   s['step']>o['checkpoint'], 120)
        moves(p)
        assert step_of(p)>o['checkpoint']
    # A click while a cell is busy: said within about a second where the kernel cannot answer, and carried out
    # after it
    begin(page, 3)
    wait_until((folder/'busy').exists, 120)
    moves(p)
    began = time.time()
    button('Stop').click()
    said = p.get_by_text('The kernel is busy')
    wait_until(lambda: said.is_visible() or (run.path/'stop').exists() or not run.alive, 60, .05)
    times['busy'] = round(time.time()-began, 2)
    assert times['busy']<10, times # About one, of which a loaded machine may make some
    shot(page, 'busy')
    (folder/'enough').touch()
    button('Resume').wait_for(timeout=60_000)
    assert said.is_hidden()
    o = run.status()
    assert (o['state'], o['why'])==('stopped', 'user') and (run.path/'adapter').is_dir(), o
    if which!='newest':
        shot(page, 'stopped')
        print(which, times)
        theme(page, 'Light')
        return
    button('Resume').click()
    wait_until(lambda: run.status()['attempt']==3 and run.status()['state']=='running', 120)
    moves(p)
    # The tab is closed while it trains, and opened again
    save(page)
    page.close()
    at = run.status()['step']
    page = open_page('a.ipynb')
    look(page, 1)
    p = page.get_by_role('region', name='Training')
    began = time.time()
    try: moves(p)
    except Exception:
        if at := os.environ.get('FTKIT_SHOTS'):
            page.screenshot(path=f'{at}/lifecycle-{which}-reopened-failed.png')
        raise
    times['reopened'] = round(time.time()-began, 2)
    assert step_of(p)>at
    # A second notebook, another kernel: the same run, the same numbers
    other = open_page('b.ipynb')
    run_cell(other, 0)
    q = other.get_by_role('region', name='Training')
    moves(q)
    # The kernel restarts while it trains: the run does not notice, and is attached again
    pid,at = run.status()['pid'],run.status()['step']
    page.evaluate("""async () => {
      await window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart(); }""")
    page.wait_for_function(lab_.READY, timeout=60_000)
    run_cell(page, 1)
    p = page.get_by_role('region', name='Training')
    moves(p)
    assert run.status()['pid']==pid and run.status()['attempt']==3 and run.status()['step']>at
    shot(page, 'restarted')
    # watch, in the foreground: the interrupt of the toolbar asks the run to stop, and the cell ends with it
    begin(page, 4)
    picture = page.locator('.jp-RenderedHTML', has_text='Training').last
    picture.wait_for(timeout=60_000)
    began = time.time()
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:interrupt-kernel'); }")
    wait_until(lambda: not run.alive, 120)
    page.get_by_text("'stopped'").wait_for(timeout=60_000)
    times['interrupt'] = round(time.time()-began, 2)
    assert not cells(page)[4]['error'], cells(page)[4]
    for o in (p, q): o.get_by_text('stopped by the user').first.wait_for(timeout=60_000)
    numbers = [[t for t in o.locator('.tiles').inner_text().split('\n') if t] for o in (p, q)]
    assert step_of(p)==step_of(q)==run.status()['step'] and numbers[0]==numbers[1], numbers
    shot(page, 'end')
    shot(other, 'second')
    steps = [o['step'] for o in run.events() if o['kind']=='train']
    assert steps==list(range(1, len(steps)+1)) # Each step once, over three attempts
    print(which, times)
