"A test that hangs fails by its name, in time, and the others run: tried on hanging ones."
import os, re, subprocess, sys
from pathlib import Path

HERE = Path(__file__).parent
HANG = '''
import ctypes, os, subprocess, sys, threading, time, pytest
def test_sleeps(): time.sleep(99)
def test_waits_for_a_lock(): threading.Lock().acquire() and (o := threading.Lock()).acquire() and o.acquire()
def test_waits_for_a_process(): subprocess.run([sys.executable, '-c', 'import time; time.sleep(99)'])
def test_waits_for_a_fork():
    if not (pid := os.fork()): time.sleep(9); os._exit(0)
    try: os.waitpid(pid, 0)
    finally: os.kill(pid, 9); os.waitpid(pid, 0)
def test_catches_everything():
    while True:
        try: time.sleep(9)
        except Exception: pass
def test_sets_alarms():
    import signal
    signal.setitimer(signal.ITIMER_REAL, 0)
    time.sleep(99)
@pytest.fixture
def slow(): time.sleep(99)
@pytest.fixture
def slow_end(): yield; time.sleep(99)
def test_is_set_up(slow): pass
def test_is_torn_down(slow_end): pass
def test_passes(): pass
'''
DEAF = 'import ctypes\ndef test_before(): pass\ndef test_deaf(): ctypes.PyDLL(None).sleep(30)\n'
SPOILT = (
    'import pytest, time\n@pytest.mark.browser\ndef test_hangs(): time.sleep(99)\ndef test_is_not_run(): '
    'pass\n')

def tried(folder, text, limit):
    "Exit code and what was printed"
    (folder/'conftest.py').write_text(
        f'import sys\nsys.path.insert(0, {str(HERE)!r})\nfrom time_limit import *\n')
    (folder/'test_it.py').write_text(text)
    p = subprocess.run([sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-p',
                        'no:hypothesispytest', '--tb=line', 'test_it.py'], cwd=folder, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                       env=os.environ|dict(FTKIT_TEST_LIMIT=str(limit)))
    return p.returncode, p.stdout

def test_each_kind_of_hanging(tmp_path):
    code,out = tried(tmp_path, HANG, .4)
    names = re.findall(r'def (test_\w+)', HANG)
    assert code==1 and '2 passed' in out, out
    for o in names[:-1]: assert re.search(rf'{o} (ran|was set up|was torn down) for 0.4 s', out), (o, out)
    assert 'test_passes' not in out

def test_what_hears_no_signal_ends_all(tmp_path):
    code,out = tried(tmp_path, DEAF, .6)
    assert code==1 and 'Timeout (' in out and 'in test_deaf' in out, out

def test_nothing_is_run_with_a_spoilt_browser(tmp_path):
    code,out = tried(tmp_path, SPOILT, .6)
    assert (code and 'test_hangs ran for 0.6 s' in out and 'and the browser with it' in out and
            '1 failed' in out and 'passed' not in out), out
