"A process that is forked by `warm` is to its starter what one that is started anew would be."
import os, signal, subprocess, sys, time

import pytest
import warm

pytestmark = pytest.mark.skipif(bool(os.environ.get('FTKIT_COLD')), reason='FTKIT_COLD: nothing is forked')

def begin(*words, module='ftkit.cli.main', **kw):
    return subprocess.Popen([sys.executable, '-m', module, *words], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **kw)

def forked(p): return hasattr(p, '_warm')

@pytest.mark.parametrize('words, code', [(('runs', '--json'), 0), (('nonsense',), 2),
                                         (('watch', 'nowhere'), 2)])
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

@pytest.mark.parametrize('more', [{}, dict(PYTHONSAFEPATH='1')])
def test_the_folder_is_on_the_path_unless_it_is_said_to_be_unsafe(tmp_path, more):
    command = [sys.executable, '-c', 'import sys; print([o for o in sys.path[:1] if o in ("", sys.argv[1])])',
               str(tmp_path)]
    def said(**env):
        return subprocess.run(command, cwd=tmp_path, env=os.environ|more|env, capture_output=True, text=True)
    cold,mine = said(),said(**{warm.CODE:'1'})
    assert mine.returncode==cold.returncode==0 and (cold.stdout=='[]\n')==(mine.stdout=='[]\n')==bool(more), (
        cold, mine)

def test_signals_waits_and_sessions(tmp_path):
    command = [sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(60)']
    (tmp_path/'status.json').write_text('{"attempt": 1, "state": "finished"}')
    # A supervisor and its child
    p = begin(str(tmp_path), '1', *command, module='ftkit.run.supervise', start_new_session=True)
    assert forked(p) and p.stdout.readline()=='1\n' and p.poll() is None
    assert os.getsid(p.pid)==p.pid and warm.processes()[p.pid][0][0]=='ftkit.run.supervise'
    with pytest.raises(subprocess.TimeoutExpired): p.wait(.1)
    p.send_signal(signal.SIGKILL)
    assert p.wait(60)==-signal.SIGKILL and p.poll()==-signal.SIGKILL and p.pid not in warm.processes()
