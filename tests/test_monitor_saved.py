"What a saved notebook shows of a run: how it ended, not how it stood when the cell ran."
import json

import nbformat
from nbclient import NotebookClient

import pytest

SETUP = '''
import os, threading, time
from ftkit.panels.monitor.panel import panel; from ftkit.panels.monitor.watch import watch
from ftkit.run.folder import Run; from ftkit.run.log import RunLog
log = RunLog('{path}', 1, os.getpid())
log.status('starting')
go = threading.Event()
{ready}
def work():
    for i in range(1, 21):
        if i==15: go.wait()
        log.event('train', step=i, of=20, loss=2/i, learning_rate=1e-4, tokens=i, tokens_per_s=9.,
                  grad_norm=1., memory_bytes=2**30)
        log.status('running', step=i, of=20)
        if i%5==0:
            log.event('eval', step=i, loss=1/i, best=True, seconds=.1)
            log.event('sample', step=i, id='q', prompt='Where is it?', answer=f'It is at {{i}}.',
                      stopped=True, tokens=3, right=None)
            log.event('samples', step=i, n=1, stop_rate=1., format_rate=None)
        time.sleep(.05)
    log.status('finished', 'All 20 steps made; the best was step 20.', step=20, of=20)
run = Run('{path}')
threading.Thread(target=work).start()
'''

def run_cells(folder, *cells, ready='go.set()'):
    "The outputs of these cells, as they would be saved; the run ends once it is ready to"
    (folder/'run').mkdir()
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(o) for o in
                                         (SETUP.format(path=folder/'run', ready=ready), *cells)])
    NotebookClient(nb, timeout=240, kernel_name='python3').execute()
    run_cells.state = json.dumps(nb.metadata.get('widgets', {})) # nbclient saves it, unlike JupyterLab
    return [o.outputs for o in nb.cells[1:]]

def final(outputs):
    "The one picture of a cell's outputs"
    pics = [o.data for o in outputs if 'text/html' in o.get('data', {})]
    assert len(pics)==1, outputs
    return pics[0]

# nbclient ends the kernel with the last cell
@pytest.mark.parametrize('later', ['watch(run); p.thread.join(120)', 'p.thread.join(120)'])
def test_panel_and_watch_leave_the_end(tmp_path, later):
    """The panel's picture is made anew when the run ends, though a later cell runs by then; one cell, one
    picture"""
    first,second = run_cells(tmp_path, 'p = panel(run)\np', later)
    for pic in [final(first)] + ([final(second)] if 'watch' in later else []):
        assert 'All 20 steps made; the best was step 20.' in pic['text/html']
        assert '● </span>finished' in pic['text/html']
        assert 'It is at 20.' in pic['text/html'] and '<svg' in pic['text/html']
        assert len(pic['text/html'].encode())<50_000
        assert 'run: finished' in pic['text/plain']
        assert '<script' not in pic['text/html'] and 'onerror' not in pic['text/html']
    # A live view made from what was saved begins with the end too
    assert 'the best was step 20' in run_cells.state

LOSSY = """
import ftkit.panels.core as core
shown,plain = [],core.update_display
def once_lost(*args, **kw):
    shown.append(args)
    if len(shown)>1: plain(*args, **kw)
core.update_display = once_lost
p = panel(run)
p
"""

def test_a_picture_shown_between_two_cells_is_shown_again(tmp_path):
    "nbclient passes over what comes when no cell is at work"
    first,*_ = run_cells(tmp_path, LOSSY, 'p.thread.join(120)', 'len(shown)')
    assert 'run: finished' in final(first)['text/plain']

def test_panel_returns_at_once(tmp_path):
    "The cell is over while the run is at work, and the panel of several runs leaves a picture too"
    (first,),(second,),_ = run_cells(tmp_path, 'p = panel(run)\nprint(run.status()["state"])',
                                     'panel([run, run])',
                                     'go.set()', ready='')
    assert first.text.strip() in ('starting', 'running')
    assert 'over one another' in second.data['text/html']
