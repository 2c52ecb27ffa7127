"A run seen through kernels of other versions, without a browser: Colab's, 6.31, and the newest."
import json, os, signal, subprocess, sys, time

import ftkit as ft
import kernels
import nbformat
import pytest
from ftkit.run.folder import Run

VIEW = 'application/vnd.jupyter.widget-view+json'
VERSIONS = {'newest':{}, 'ipykernel-6.31':{'ipykernel':'6.31.'},
            'colab':{'ipykernel':'6.17.', 'ipywidgets':'7.7.1'}}
SETUP = """import ftkit as ft
ft.load(ft.sample(), limit=60).split((.7, .15, .15)).save('data')
cfg = ft.RunConfig('tiny-random', 'data/train.jsonl', 'data/validation.jsonl', num_train_epochs=1000,
                   early_stopping_patience=0, sample_tokens=8,
                   eval_steps={evals}, max_steps={steps})
run = cfg.create('run').start()"""
DEAF = """import os, sys, time
from ftkit.run.log import RunLog
log = RunLog(sys.argv[1], 1, os.getpid())
for i in range(1, 20_000):
    log.event('train', step=i, of=20_000, loss=2/i, learning_rate=1e-4, tokens=i, tokens_per_s=9.,
              grad_norm=1., memory_bytes=2**30)
    log.status('running', step=i, of=20_000)
    time.sleep(.05)
"""

@pytest.fixture(params=VERSIONS)
def kernel(request, tmp_path, tmp_path_factory, monkeypatch):
    "The name of a kernel; its versions are looked at by the kernel itself"
    which = request.param
    if which!='newest':
        try: folder = kernels.environment(which)
        except (RuntimeError, OSError) as e:
            if os.environ.get('FTKIT_REQUIRE_BROWSER')=='1': raise
            pytest.skip(f'LEFT OUT: {which} ({e})')
        monkeypatch.setenv('JUPYTER_PATH', str(folder/'share'/'jupyter'))
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path_factory.getbasetemp()/'cache'))
    monkeypatch.setenv('IPYTHONDIR', str(tmp_path/'.ipython'))
    return 'python3' if which=='newest' else f'ftkit-{which}'

class Cells:
    "A kernel, and what its cells put out"
    def __init__(self, name, folder):
        from jupyter_client.manager import start_new_kernel
        self.manager,self.client = start_new_kernel(kernel_name=name, cwd=str(folder))
    def begin(self, code): self.id,self.seen = self.client.execute(code),[]
    def until(self, what=None, seconds=240):
        "Read on until `what(messages)` holds, or the cell has ended; returns its messages"
        end = time.time()+seconds
        while not (what and what(self.seen)):
            m = self.client.get_iopub_msg(timeout=max(.01, end-time.time()))
            if m['parent_header'].get('msg_id')!=self.id: continue
            self.seen.append((m['msg_type'], m['content']))
            if m['msg_type']=='error': raise AssertionError('\n'.join(m['content']['traceback']))
            if m['msg_type']=='status' and m['content']['execution_state']=='idle':
                assert not what or what(self.seen), self.seen
                break
        return self.seen
    def run(self, code, seconds=240): self.begin(code); return self.until(seconds=seconds)
    def interrupt(self): self.manager.interrupt_kernel()
    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

@pytest.fixture
def cells(kernel, tmp_path):
    o = Cells(kernel, tmp_path)
    yield o
    o.close()
    if (tmp_path/'run'/'status.json').exists() and (run := Run(tmp_path/'run')).alive: run.stop(True)

def printed(seen): return ''.join(c['text'] for kind,c in seen if kind=='stream')
def shown(seen):
    return [c for kind,c in seen if kind in ('display_data', 'execute_result', 'update_display_data')]
def said(words): return lambda seen: any(words in o['data'].get('text/plain', '') for o in shown(seen))

def one_output(seen):
    "What a cell shows is one output, drawn anew (updates of earlier cells' outputs aside); its last picture"
    mine, = [c['transient']['display_id'] for kind,c in seen if kind=='display_data']
    return [c for c in shown(seen) if c.get('transient', {}).get('display_id')==mine][-1]['data']

# 6.31 trains in tests/browser_lab
BOTH = pytest.mark.parametrize('kernel', ['newest', 'colab'], indirect=True)

@BOTH
def test_panel_watch_interrupt_report(cells, request, tmp_path):
    which = request.node.callspec.params['kernel']
    have = json.loads(printed(cells.run('import ipykernel, ipywidgets, json\n'
        'print(json.dumps(dict(ipykernel=ipykernel.__version__, ipywidgets=ipywidgets.__version__)))')))
    assert all(have[k].startswith(v) for k,v in VERSIONS[which].items()), have
    cells.run(SETUP.format(evals=500, steps=50_000))
    run = Run(tmp_path/'run')
    # A panel: a live view, HTML and text in one output, and the cell is over while the run is at work
    data = shown(cells.run('run.panel()'))[0]['data']
    assert {VIEW, 'text/html', 'text/plain'}<=data.keys() and 'run' in data['text/plain'], data.keys()
    assert run.alive
    # watch: one output, redrawn; an interrupt asks the run to stop, and the cell ends with the run
    cells.begin('run.watch().status()["state"]')
    cells.until(said('Train loss'))
    cells.interrupt()
    seen = cells.until()
    assert run.status()['state']=='stopped' and run.status()['why']=='user', run.status()
    assert (tmp_path/'run'/'adapter').is_dir()
    last = one_output(seen)
    assert 'stopped' in last['text/plain'] and '<svg' in last['text/html'] and len(last['text/html'])<50_000
    assert [c['data']['text/plain'] for k,c in seen if k=='execute_result']==["'stopped'"]
    # The report
    cells.run('run.report()')
    assert 'stopped by the user' in (tmp_path/'run'/'report.html').read_text(encoding='utf-8').lower()

def test_a_second_interrupt_lets_go(cells, tmp_path):
    "A run that does not answer goes on; the cell is given back"
    (tmp_path/'deaf.py').write_text(DEAF, encoding='utf-8')
    (tmp_path/'run').mkdir()
    work = subprocess.Popen([sys.executable, str(tmp_path/'deaf.py'), str(tmp_path/'run')],
                            start_new_session=True)
    try:
        while not (tmp_path/'run'/'status.json').exists(): time.sleep(.05); assert work.poll() is None
        cells.begin('import ftkit as ft\nft.attach("run").watch();')
        cells.until(said('Train loss'))
        cells.interrupt()
        cells.until(said('Interrupt again to return at once'))
        assert (tmp_path/'run'/'stop').exists()
        cells.interrupt()
        last = one_output(cells.until())
        assert 'Detached; the run is still stopping' in last['text/plain']
        at = Run(tmp_path/'run').status()
        assert work.poll() is None and at['state']=='running'
    finally: os.killpg(work.pid, signal.SIGKILL); work.wait()

@BOTH
def test_a_notebook_that_is_only_executed(kernel, tmp_path):
    """nbclient: panel, report and watch leave the end of the run, in a notebook that needs no kernel to be
    read"""
    from nbclient import NotebookClient
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(o) for o in
        # Both have threads
        (SETUP.format(evals=5, steps=10), 'p = run.panel()\np', 'run.report();', 'run.watch();',
         'import time\nwhile "finished" not in open("run/report.html").read(): '
         'time.sleep(.1)\np.thread.join(120)',
         'run.report().name')])
    NotebookClient(nb, timeout=240, kernel_name=kernel,
                   resources=dict(metadata=dict(path=str(tmp_path)))).execute()
    assert ft.attach(tmp_path/'run').status()['state']=='finished'
    shown = [[o.data for o in nb.cells[i].outputs if 'text/html' in o.get('data', {})] for i in (1, 2, 3)]
    for o, in shown: assert 'finished' in o['text/plain'] and '<svg' in o['text/html']
    assert VIEW in shown[0][0] and VIEW not in shown[1][0]
    assert nb.cells[5].outputs[-1].data['text/plain']=="'report.html'"
    assert 'finished' in (tmp_path/'run'/'report.html').read_text(encoding='utf-8')

@pytest.mark.parametrize('kernel', ['newest'], indirect=True)
def test_a_bar_is_one_output(kernel, tmp_path):
    "How far an evaluation is: the saved notebook has one line, the last"
    from nbclient import NotebookClient
    code = """import json
from pathlib import Path
from ftkit.evaluation.answer import Bar
status = Path('status.json'); bar = Bar(status); bar.look()
for done in (0, 1, 2):
    status.write_text(json.dumps(dict(text='asking', done=done, of=3))); bar.look(); bar.look()
status.unlink(); bar.look(); bar.close(True)"""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(nb, timeout=240, kernel_name=kernel,
                   resources=dict(metadata=dict(path=str(tmp_path)))).execute()
    one, = nb.cells[0].outputs
    assert one['data']['text/plain'].startswith('asking 100%') and '3 of 3' in one['data']['text/plain']
