"A run belongs to nobody's process but its own: kill the kernel that started it, and it goes on."
import os, signal

import ftkit as ft
import pytest
from ftkit.model.names import resolve

START = """
import ftkit as ft
splits = ft.load(ft.sample(), limit=90).split((.6, .2, .2))
splits.save({folder!r})
cfg = ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl', max_length=1024, num_train_epochs=500, \
max_steps=60, eval_steps=20, early_stopping_patience=0)
run = cfg.create({folder!r}+'/run', base={folder!r}).start()
"""

@pytest.fixture
def kernel():
    from jupyter_client.manager import start_new_kernel
    manager,client = start_new_kernel(kernel_name='python3')
    yield manager, client
    client.stop_channels()
    if manager.has_kernel: manager.shutdown_kernel(now=True)

def wait(what, seconds=240):
    import time
    until = time.time()+seconds
    while not what():
        assert time.time()<until, f'not within {seconds} s'
        time.sleep(.05)

def test_the_trainer_outlives_a_killed_kernel(kernel, tmp_path, monkeypatch):
    manager,client = kernel
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    resolve('tiny-random')
    cold = "os.environ.pop('FTKIT_WARM', None)" # Here nothing is forked by `warm`
    got = client.execute_interactive(
        f"import os; os.environ['FTKIT_CACHE'] = {str(tmp_path/'cache')!r}; {cold}\n"
                                     f"{START.format(folder=str(tmp_path))}", timeout=240)
    assert got['content']['status']=='ok', got
    run = ft.attach(tmp_path/'run')
    wait(lambda: run.status()['step']>=2)
    pid = run.status()['pid']
    os.kill(pid, signal.SIGSTOP) # It does not end before the kernel does
    at = run.status()['step']
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    os.kill(pid, signal.SIGCONT)
    assert at<60
    wait(lambda: not run.alive)
    again = ft.attach(tmp_path/'run')
    o = again.status()
    assert (o['state'], o['step'], o['pid'], o['attempt'])==('finished', 60, pid, 1), o
    assert [e['step'] for e in again.events() if e['kind']=='train']==list(range(1, 61))
    assert [e['step'] for e in again.events() if e['kind']=='eval']==[20, 40, 60]
    text = again.panel().static_text()
    assert '60' in text and 'finished' in text, text
