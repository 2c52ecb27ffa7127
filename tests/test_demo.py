"`ftkit demo` on a model that takes no time: in a kernel, and in this process where there is no nbclient."
import json
from pathlib import Path

import pytest
import ftkit.cli.demo as demo
import ftkit.model.demo as model

ROOT = Path(__file__).resolve().parents[1]

@pytest.fixture
def quick(own_cache, tmp_path, monkeypatch):
    "The quickstart with a model that knows nothing, two steps and few rows"
    text = (ROOT/'nbs/tutorials/quickstart.ipynb').read_text(encoding='utf-8')
    for old,new in (("'smollm2-135m-instruct'", "'tiny-random'"), ('num_train_epochs=1', 'max_steps=2'),
                    ("ft.load(ft.sample('tickets'))", "ft.load(ft.sample('tickets'))[:60]"),
                    ('run.evaluate()', 'run.evaluate(max_new_tokens=4, general=False)')):
        assert old in text, old
        text = text.replace(old, new)
    (tmp_path/'quick.ipynb').write_text(text, encoding='utf-8')
    monkeypatch.setattr(demo, '_quickstart', lambda: tmp_path/'quick.ipynb')
    monkeypatch.setattr(model, 'DEMO', 'tiny-random')
    return tmp_path

@pytest.mark.parametrize('kernel', [True, False])
def test_it_leaves_a_run_a_report_and_where_it_can_a_notebook(kernel, quick, ftkit, monkeypatch):
    there = demo.installed
    if not kernel: monkeypatch.setattr(demo, 'installed', lambda o: o!='nbclient' and there(o))
    code,o,err = ftkit('demo', quick/'demo', '--json')
    assert code==0 and o.keys()=={'run', 'report', 'notebook', 'seconds', 'summary'}
    assert Path(o['report']).is_file() and (Path(o['run'])/'adapter').is_dir() and o['summary']['models']
    assert 'Load: examples' in err and 'Evaluate: run.evaluate' in err
    assert bool(o['notebook'])==kernel==(quick/'demo'/'quickstart.ipynb').exists()
    if kernel:
        nb = json.loads(Path(o['notebook']).read_text(encoding='utf-8'))
        assert any(c.get('outputs') for c in nb['cells']) and 'widgets' not in nb['metadata']

def test_without_the_extra_it_says_the_line_to_type(ftkit, monkeypatch, tmp_path):
    monkeypatch.setattr(demo, '_NEEDED', ('no_such_package',))
    code,_,err = ftkit('demo', tmp_path/'demo')
    assert code==2 and "no_such_package is not installed. Run: pip install 'ftkit[train]'" in err
    assert not (tmp_path/'demo').exists()

def test_a_cell_that_fails_ends_it_with_its_words(ftkit, monkeypatch, tmp_path):
    cell = dict(cell_type='code', source='raise ValueError("no rows")', id='a', metadata={}, outputs=[],
                execution_count=None)
    bad = dict(cells=[cell], metadata={}, nbformat=4, nbformat_minor=5)
    (tmp_path/'bad.ipynb').write_text(json.dumps(bad))
    monkeypatch.setattr(demo, '_quickstart', lambda: tmp_path/'bad.ipynb')
    monkeypatch.setattr('ftkit.model.names.resolve', lambda name: None)
    code,_,err = ftkit('demo', tmp_path/'demo')
    assert code==2 and 'A cell of the quickstart failed' in err and 'no rows' in err
