"""No test hangs: after `FTKIT_TEST_LIMIT` seconds (300) it fails by its name, with the place where it waited.

Setting up, running and tearing down each have that time. What hears no signal (code in C that keeps Python
from running) ends all tests after half as long again, with the name and every thread's place on standard
error. A browser is of no use after that, since its library was interrupted in the middle: the tests after it
are not run."""
import faulthandler, os, signal, sys, threading
from contextlib import contextmanager

import pytest

LIMIT_s = float(os.environ.get('FTKIT_TEST_LIMIT') or 300)
AGAIN_s = min(20, LIMIT_s/2) # For what is tidied up on the way out
SIGNAL = signal.SIGUSR1 # What is tested sets alarms of its own

def late(name, what, seconds):
    pytest.fail(f'{name} {what} for {seconds:g} s, and no test may. FTKIT_TEST_LIMIT=1200 gives it more.')

@contextmanager
def in_time(
    name, # Of the test
    what='ran', # What it did
    after=lambda: None, # Called when it was late
    seconds=LIMIT_s
):
    "Raises a failure in the main thread, wherever it is, when the time is up"
    done,main = threading.Event(),threading.main_thread().ident
    def hear(*_): after(); late(name, what, seconds)
    def watch():
        left = seconds
        while not done.wait(left): signal.pthread_kill(main, SIGNAL); left = AGAIN_s
    was,thread = signal.signal(SIGNAL, hear),threading.Thread(target=watch, daemon=True)
    faulthandler.dump_traceback_later(1.5*seconds, exit=True, file=heard)
    thread.start()
    try: yield
    finally:
        done.set()
        thread.join()
        faulthandler.cancel_dump_traceback_later()
        signal.signal(SIGNAL, was)

heard = sys.stderr # Of the terminal, not what is captured of a test
def pytest_configure(config):
    global heard
    heard = os.fdopen(os.dup(sys.stderr.fileno()), 'w')

def _limited(item, what):
    def after():
        if item.get_closest_marker('browser'):
            item.session.shouldfail = f'{item.nodeid} hung, and the browser with it'
    return in_time(item.nodeid, what, after)

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    with _limited(item, 'was set up'): return (yield)

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    with _limited(item, 'ran'): return (yield)

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    with _limited(item, 'was torn down'): return (yield)

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    with in_time('the end of all tests', seconds=max(60, LIMIT_s)): return (yield)
