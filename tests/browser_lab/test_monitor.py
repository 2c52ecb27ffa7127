"""The monitor in JupyterLab: three in one notebook, a stop, the tab closed and opened again, a second
notebook, the end."""
import json, os, re, subprocess, sys

import pytest
from ftkit.run.folder import Run
from lab import run_cell, save, wait_until
from moving import BUSY, moves, step_of

WORKER = """import json, math, os, sys, time
from ftkit.run.log import RunLog
path = sys.argv[1]
log = RunLog(path, 1, os.getpid())
log.status('running', of=5000)
for i in range(1, 5001):
    log.event('train', step=i, of=5000, loss=2*math.exp(-i/300)+.3+math.sin(i)/20, learning_rate=1e-4,
              grad_norm=1+math.sin(i)/5, tokens=100*i,
              tokens_per_s=2000.0, memory_bytes=2**30, epoch=i/1000, log_ms=.1)
    if i%20==0:
        log.event('eval', step=i, loss=2*math.exp(-i/300)+.4, best=True, seconds=.1)
        log.event('sample', step=i, id='q', prompt='Where is it?', answer=f'At {i}.', stopped=True, tokens=3,
                  right=None)
    log.status('running', step=i, of=5000)
    if os.path.exists(f'{path}/stop'):
        log.status('stopping', step=i)
        time.sleep(3)
        log.status('stopped', f'Stopped by the user at step {i}.', step=i)
        break
    time.sleep(.04)
"""

@pytest.fixture
def three(place, tmp_path):
    "Three processes that write runs"
    (tmp_path/'worker.py').write_text(WORKER, encoding='utf-8')
    place.write('a.ipynb', 'import ftkit as ft\nft.attach("run0").panel()', 'ft.attach("run1").panel()',
                'ft.attach("run2").panel()', BUSY)
    place.write('b.ipynb', 'import ftkit as ft\nft.attach("run1").panel("run2")')
    work = [subprocess.Popen([sys.executable, tmp_path/'worker.py', tmp_path/f'run{i}'],
                             start_new_session=True) for i in range(3)]
    try:
        wait_until(lambda: all((tmp_path/f'run{i}'/'status.json').exists() for i in range(3)), 30)
        yield tmp_path
    finally:
        for o in work: o.kill(); o.wait()

def test_three_monitors_stop_close_reopen_attach(place, three):
    folder,shot = three,place.shot
    page = place.open('a.ipynb', height=2400)
    for i in range(3): run_cell(page, i)
    panels = [page.locator('.ftkit', has_text=f'run{i}') for i in range(3)]
    for p in panels: moves(p)
    # JupyterLab draws before it shows: colours and numbers of the axes must have come all the same
    ink = """c => { const d = c.getContext("2d").getImageData(0, 0, 45 * devicePixelRatio, c.height).data;
      let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 60; return n; }"""
    assert panels[0].locator('.chart.loss canvas').evaluate(ink)>50
    panels[0].get_by_role('button', name='Stop', exact=True).click()
    panels[0].get_by_text('The run has heard').wait_for(timeout=60_000)
    panels[0].get_by_text('Stopped by the user').first.wait_for(timeout=60_000)
    # A busy kernel: what is new still comes, and a click says that it waits
    page.evaluate("""() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 3;
      window.jupyterapp.commands.execute('notebook:run-cell'); }""")
    wait_until((folder/'busy').exists, 30)
    moves(panels[1])
    panels[1].get_by_role('button', name='Stop', exact=True).click()
    said = panels[1].get_by_text('The kernel is busy')
    # Some kernels answer beside a busy cell
    wait_until(lambda: said.is_visible() or (folder/'run1'/'stop').exists(), 5)
    (folder/'enough').touch()
    panels[1].get_by_text('Stopped by the user').first.wait_for(timeout=60_000)
    shot(page, 'lab-monitor')
    def pictures(): # As they are saved, of the page that is open then
        save(page)
        nb = json.loads((folder/'a.ipynb').read_text(encoding='utf-8'))
        assert 'widgets' not in nb['metadata'] and (folder/'a.ipynb').stat().st_size<200_000
        return [''.join(o['data']['text/html']) for c in nb['cells'][:3] for o in c['outputs']
                if 'text/html' in o.get('data', {})]
    def ended(): return ['Stopped by the user at step' in o and '<svg' in o for o in pictures()]
    # A picture comes after the words, and to this page alone
    wait_until(lambda: ended()[:2]==[True, True], 20)
    at = step_of(panels[2])
    page.close()
    # The tab is closed and opened again: the same monitor, live
    page = place.open('a.ipynb', height=2400)
    third = page.locator('.ftkit', has_text='run2')
    assert moves(third)<20 and step_of(third)>at
    # A second notebook
    other = place.open('b.ipynb', height=1400)
    run_cell(other, 0)
    both = other.locator('.ftkit')
    both.get_by_text('1 running').wait_for(timeout=60_000)
    both.get_by_role('button', name='run2').click()
    moves(both)
    both.get_by_role('button', name='Stop', exact=True).click()
    both.get_by_text('all ended').wait_for(timeout=60_000)
    third.get_by_text('Stopped by the user').first.wait_for(timeout=60_000)
    shot(other, 'lab-monitor-second')
    # What was saved is how it ended, and no state of widgets
    # JupyterLab gives no output of a cell that an earlier page ran to that page's successor: it says when it
    # was taken
    assert ended()==[True, True, False] and 'As of ' in pictures()[2]
    run_cell(page, 2)
    wait_until(lambda: 'Stopped by the user at step' in pictures()[2], 10)
    assert [Run(folder/f'run{i}').status()['state'] for i in range(3)]==['stopped']*3

REAL = """import ftkit as ft
ft.load(ft.sample(), limit=60).split((.7, .15, .15)).save('data')
cfg = ft.RunConfig('tiny-random', 'data/train.jsonl', 'data/validation.jsonl', num_train_epochs=1000,
                   max_steps=3000, eval_steps=20,
                   early_stopping_patience=0, sample_tokens=8, price_per_hour=2)
run = cfg.create('real').start()
run.panel()"""

def test_a_real_run_stopped_resumed_killed_and_resumed(place, tmp_path):
    place.write('real.ipynb', REAL)
    run,shot = None,place.shot
    try:
        page = place.open('real.ipynb', height=1500)
        run_cell(page, 0)
        p = page.locator('.ftkit')
        button = lambda name: p.get_by_role('button', name=name, exact=True)
        says = lambda words: p.get_by_text(words).first.wait_for(timeout=60_000)
        p.locator('.stages', has_text='Load the model').wait_for(timeout=60_000)
        run = Run(tmp_path/'real')
        moves(p, 60)
        wait_until(lambda: run.status()['checkpoint'], 60)
        says('base model')
        shot(page, 'lab-monitor-real')
        button('Stop').click()
        p.get_by_text(re.compile('The run has heard|stopped by the user',
                                 re.I)).first.wait_for(timeout=60_000)
        button('Resume').wait_for(timeout=60_000)
        assert run.status()['state']=='stopped'
        at = run.status()['checkpoint']
        button('Resume').click()
        wait_until(lambda: run.status()['attempt']==2 and run.status()['state']=='running' and
                   run.status()['step']>at, 60)
        moves(p, 60)
        os.kill(run.status()['pid'], 9)
        says('killed by signal 9')
        button('Resume').click()
        wait_until(lambda: run.status()['attempt']==3 and run.status()['state']=='running', 60)
        moves(p, 60)
        button('Stop now').click()
        button('Yes, stop now').click()
        button('Resume').wait_for(timeout=60_000)
        shot(page, 'lab-monitor-real-end')
        steps = [o['step'] for o in run.events() if o['kind']=='train']
        assert steps==list(range(1, len(steps)+1)) # Each step once
    finally:
        if run and run.alive: run.stop(True)
