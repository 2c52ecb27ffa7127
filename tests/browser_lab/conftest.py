"JupyterLab in a real browser; the tools are those of tools/lab.py."
import json, os, sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT/'tools'))
import lab as lab_

def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for o in items:
        if here in o.path.parents: o.add_marker(pytest.mark.browser)

@pytest.fixture(scope='session')
def chromium():
    why = '' if lab_.chromium_path() else 'no chromium on this machine'
    if why:
        pytest.fail(why) if os.environ.get('FTKIT_REQUIRE_BROWSER')=='1' else pytest.skip(f'LEFT OUT: browser ({why})')
    with lab_.chromium() as browser: yield browser

def quickstart(folder, **changes):
    "The quickstart on a model that takes no time, with some of its text changed"
    nb = json.loads((ROOT/'nbs/tutorials/quickstart.ipynb').read_text(encoding='utf-8'))
    for old,new in {"'smollm2-135m-instruct'":"'tiny-random'", **changes}.items():
        assert any(old in ''.join(c['source']) for c in nb['cells'] if c['cell_type']=='code'), old
        for c in nb['cells']:
            if c['cell_type']=='code': c['source'] = ''.join(c['source']).replace(old, new)
    path = Path(folder)/'quickstart.ipynb'
    path.write_text(json.dumps(nb), encoding='utf-8')
    return path

@pytest.fixture(scope='session')
def cache(tmp_path_factory): return str(tmp_path_factory.mktemp('cache'))

@pytest.fixture
def open_quickstart(chromium, tmp_path, cache):
    "JupyterLab on the quickstart; at the end the page must have had nothing to complain about"
    with lab_.lab(tmp_path, FTKIT_CACHE=cache) as url:
        pages = []
        def go(**changes):
            quickstart(tmp_path, **changes)
            pages.append(lab_.open_notebook(chromium, url, 'quickstart.ipynb'))
            return pages[-1]
        yield go
        for p in pages:
            if folder := os.environ.get('FTKIT_SHOTS'): p.screenshot(path=Path(folder)/f'{Path(tmp_path).name}.png')
            p.close()
            assert not p.faults, p.faults
