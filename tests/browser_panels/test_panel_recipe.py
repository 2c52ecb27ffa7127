"The panel of docs/recipes.md, in a browser."
import re
from pathlib import Path
from ftkit.panels import core

PAGE = (Path(__file__).parents[2]/'docs'/'recipes.md').read_text(encoding='utf-8')
PART = PAGE[PAGE.index('## A panel'):]

def block(language): return re.search(rf'^```{language}\n(.*?)^```', PART, re.M|re.S)[1]

def test_it_counts(stage, monkeypatch):
    static,space = core.static,dict(vars(core))
    monkeypatch.setattr(core, 'static', lambda name: block('js') if name=='counter.js' else static(name))
    exec(block('python'), space)
    p = space['CounterPanel']()
    s = stage(p)
    s.wait('counting')
    s.page.get_by_role('button', name='More').click()
    s.page.wait_for_function("document.querySelector('b[aria-live]').textContent==='1'")
    assert p.now.n==1 and p.trouble is None
