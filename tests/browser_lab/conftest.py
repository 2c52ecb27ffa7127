"""One JupyterLab and one browser for all tests here, a folder of it for each; the tools are those of
tools/lab.py."""
import json, os
from pathlib import Path

import kernels
import lab as lab_
import pytest

ROOT = Path(__file__).resolve().parents[2]
OLD = 'ipykernel-6.31' # Is made by the test that needs it

@pytest.fixture(scope='session')
def server(tmp_path_factory):
    "`(address, folder)` of the JupyterLab"
    root = tmp_path_factory.mktemp('lab')
    env = dict(FTKIT_CACHE=str(root/'.cache'), JUPYTER_PATH=str(kernels.folder_of(OLD)/'share'/'jupyter'))
    with lab_.lab(root, **env) as url: yield url, root

@pytest.fixture(scope='session')
def context(browser):
    "What a person's browser keeps from one page to the next"
    o = browser.new_context()
    yield o
    o.close()

class Place:
    "A folder of the JupyterLab, and the pages that are open on it"
    def __init__(self, context, server, name):
        self.context,(self.url,root),self.pages = context,server,[]
        self.folder,self.name = root/name,name
        self.folder.mkdir()
    def open(self, name, **kw):
        "A page with a notebook of this folder"
        self.pages.append(lab_.open_notebook(self.context, self.url, f'{self.name}/{name}', **kw))
        return self.pages[-1]
    def write(self, name, *sources, kernel='python3'):
        "A notebook with these cells"
        cells = [dict(cell_type='code', id=f'c{i}', metadata={}, execution_count=None, outputs=[], source=o)
                 for i,o in enumerate(sources)]
        nb = dict(cells=cells, nbformat=4, nbformat_minor=5,
                  metadata=dict(kernelspec=dict(name=kernel, display_name=kernel, language='python')))
        (self.folder/name).write_text(json.dumps(nb), encoding='utf-8')
    def shot(self, page, name):
        if at := os.environ.get('FTKIT_SHOTS'): page.screenshot(path=f'{at}/{name}.png')
    def close(self, sound):
        "Pages, and the kernels behind them; a page must have had nothing to complain about"
        for i,p in enumerate(self.pages):
            if p.is_closed(): continue
            self.shot(p, f'{self.name}-{i}')
            p.evaluate('() => localStorage.clear()')
            p.close()
        lab_.end_kernels(self.url, self.name)
        if sound: assert not (faults := [o for p in self.pages for o in p.faults]), faults

@pytest.fixture
def place(request, context, server):
    "A folder of its own for a test, in the JupyterLab of all"
    o = Place(context, server, request.node.name.translate({ord(c):'-' for c in '[]/ '}))
    yield o
    o.close('faults_expected' not in request.keywords)

@pytest.fixture
def tmp_path(place): return place.folder

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

@pytest.fixture
def open_quickstart(place):
    "JupyterLab on the quickstart"
    def go(**changes):
        quickstart(place.folder, **changes)
        return place.open('quickstart.ipynb')
    return go
