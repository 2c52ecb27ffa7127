"A process that is forked by `warm` is to its starter what one that is started anew would be."
import os, signal, subprocess, sys, time

import pytest
import warm

pytestmark = pytest.mark.skipif(bool(os.environ.get('FTKIT_COLD')), reason='FTKIT_COLD: nothing is forked')

def begin(*words, module='ftkit.cli', **kw):
    return subprocess.Popen([sys.executable, '-m', module, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)

def forked(p): return hasattr(p, '_warm')

@pytest.mark.parametrize('words, code', [(('runs', '--json'), 0), (('nonsense',), 2), (('watch', 'nowhere'), 2)])
def test_folder_words_and_exit_code(tmp_path, words, code):
    cold = begin(*words, cwd=tmp_path, env={k:v for k,v in os.environ.items() if k!=warm.ADDRESS})
    mine = begin(*words, cwd=tmp_path)
    assert forked(mine) and not forked(cold)
    assert mine.communicate(timeout=120)==cold.communicate(timeout=120)
    assert mine.returncode==cold.returncode==code

def test_what_acts_before_python_is_not_imitated(tmp_path):
    for more in (dict(PYTHONPATH=str(tmp_path)), dict(LD_PRELOAD='/none.so')):
        p = begin('runs', env=os.environ|more)
        p.communicate(timeout=120)
        assert not forked(p), more

@pytest.mark.parametrize('flag, env', [((), {}), (('-P',), {}), ((), dict(PYTHONSAFEPATH='1'))])
def test_the_path_is_safe_where_it_would_be(tmp_path, flag, env):
    (tmp_path/'anywidget.py').write_text('open("found", "w")')
    p = subprocess.Popen([sys.executable, *flag, '-m', 'ftkit.cli', 'resume', 'nowhere'], cwd=tmp_path, env=os.environ|env)
    assert forked(p) and p.wait(60)
    assert (tmp_path/'found').exists()==(not flag and not env)

def test_signals_waits_and_sessions(tmp_path):
    command = [sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(9)']
    (tmp_path/'status.json').write_text('{"attempt": 1, "state": "finished"}')
    p = begin(str(tmp_path), '1', *command, module='ftkit.processes', start_new_session=True) # A supervisor and its child
    assert forked(p) and p.stdout.readline()=='1\n' and p.poll() is None
    assert os.getsid(p.pid)==p.pid and warm.processes()[p.pid][0][0]=='ftkit.processes'
    with pytest.raises(subprocess.TimeoutExpired): p.wait(.1)
    p.send_signal(signal.SIGKILL)
    assert p.wait(10)==-signal.SIGKILL and p.poll()==-signal.SIGKILL and p.pid not in warm.processes()
