"One browser for all tests that need one, and the mark that tells them apart."
import json, os, resource, shutil, signal, sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT/'tools'), str(ROOT/'tests'/'warm'), str(ROOT/'tests')]
import claims, lab, time_limit, warm

# Begun in the background of a shell: Ctrl-C must still reach what is started here
if signal.getsignal(signal.SIGINT)==signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

def pytest_configure(config):
    config.addinivalue_line('markers', 'browser: needs a browser')
    config.addinivalue_line('markers', 'faults_expected: what the page complains of is part of the test')
    config.pluginmanager.register(time_limit)
    config.pluginmanager.register(claims)
    # Our own use new names alone
    config.addinivalue_line('filterwarnings', 'error:ft[.].* is now:FutureWarning')
    warm.patient()
    if not os.environ.get('FTKIT_COLD'): warm.use()

def pytest_generate_tests(metafunc):
    "`FTKIT_TIMES=10` runs each test that often"
    if n := int(os.environ.get('FTKIT_TIMES') or 0):
        metafunc.fixturenames.append('time')
        metafunc.parametrize('time', range(n))

def pytest_collection_modifyitems(items):
    for o in items:
        if o.path.parent.name.startswith('browser_'): o.add_marker(pytest.mark.browser)

@pytest.fixture(scope='session')
def browser():
    "A headless Chromium; where there is none, tests are left out by name, or fail if one is required"
    try: import playwright.sync_api
    except ImportError: why = 'playwright is not installed'
    else: why = '' if lab.chromium_path() else 'no chromium on this machine'
    if why:
        pytest.fail(why) if os.environ.get('FTKIT_REQUIRE_BROWSER')=='1' else pytest.skip(
            f'LEFT OUT: browser ({why})')
    with lab.chromium() as o: yield o

@pytest.fixture(scope='session')
def tiny_cache(tmp_path_factory):
    "A cache that has the model `tiny-random`, made once"
    from ftkit.model.names import resolve
    with pytest.MonkeyPatch.context() as m:
        m.setenv('FTKIT_CACHE', str(d := tmp_path_factory.mktemp('tiny')/'cache'))
        resolve('tiny-random')
        return d

@pytest.fixture(scope='module')
def own_cache(request, tiny_cache, tmp_path_factory):
    "A folder for a module's tests, with a cache of its own in it"
    with pytest.MonkeyPatch.context() as m:
        d = tmp_path_factory.mktemp(request.module.__name__.removeprefix('test_'))
        shutil.copytree(tiny_cache, d/'cache')
        m.setenv('FTKIT_CACHE', str(d/'cache'))
        yield d

@pytest.fixture(scope='session')
def trained_once(tiny_cache, tmp_path_factory):
    "A folder with a run that was trained and evaluated, for modules to take a copy of"
    from faults_lib import trained_run
    with pytest.MonkeyPatch.context() as m:
        d = tmp_path_factory.mktemp('trained')
        shutil.copytree(tiny_cache, d/'cache')
        m.setenv('FTKIT_CACHE', str(d/'cache'))
        trained_run(d)
        return d

@pytest.fixture(scope='module')
def trained(trained_once, own_cache):
    "A copy of it, of a module's own"
    from ftkit.run.folder import Run
    shutil.copytree(trained_once/'run', own_cache/'run', symlinks=True)
    return Run(own_cache/'run')

@pytest.fixture
def peak(): return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss>>10 # MiB at most until now

@pytest.fixture
def ftkit(capsys):
    "Run the command line: exit code, the JSON of stdout (or its text), stderr"
    from ftkit.cli.main import main
    def go(*args):
        capsys.readouterr()
        code = main([str(o) for o in args])
        out,err = capsys.readouterr()
        assert 'Traceback' not in out+err
        return code, json.loads(out) if '--json' in args else out, err
    return go
