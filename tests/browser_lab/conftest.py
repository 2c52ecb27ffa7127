"JupyterLab in a real browser; the tools are those of tools/lab.py."
import json, os
from pathlib import Path

import lab as lab_
import pytest

ROOT = Path(__file__).resolve().parents[2]

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
def open_quickstart(browser, tmp_path, cache):
    "JupyterLab on the quickstart; at the end the page must have had nothing to complain about"
    with lab_.lab(tmp_path, FTKIT_CACHE=cache) as url:
        pages = []
        def go(**changes):
            quickstart(tmp_path, **changes)
            pages.append(lab_.open_notebook(browser, url, 'quickstart.ipynb'))
            return pages[-1]
        yield go
        for p in pages:
            if folder := os.environ.get('FTKIT_SHOTS'): p.screenshot(path=Path(folder)/f'{Path(tmp_path).name}.png')
            p.close()
            assert not p.faults, p.faults
