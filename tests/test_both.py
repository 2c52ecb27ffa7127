"""What python and the browser both compute or write: tests/both.json holds them to the same values (the
browser's half: tests/js/both.test.mjs)."""
import json, math
from pathlib import Path
import pytest
from ftkit.base.untrusted import visible
from ftkit.run.curves import Curves, thin, ticks
from ftkit.panels.monitor.story import figure
from ftkit.data.review import wilson

BOTH = json.loads((Path(__file__).parent/'both.json').read_text(encoding='utf-8'))

@pytest.mark.parametrize('k,n,want', BOTH['wilson'])
def test_wilson(k, n, want): assert [wilson(k, n)[o] for o in ('rate', 'low', 'high')]==pytest.approx(want)

@pytest.mark.parametrize('lo,hi,n,want', BOTH['ticks'])
def test_ticks(lo, hi, n, want): assert ticks(lo, hi, n)==pytest.approx(want, abs=1e-12)

@pytest.mark.parametrize('n,by,want', BOTH['thin']['cases'])
def test_thin(n, by, want):
    assert [o[0] for o in thin([*map(tuple, BOTH['thin']['rows'])], n, tuple(by))]==want

@pytest.mark.parametrize('x,want', BOTH['numbers'])
def test_numbers(x, want): assert figure(x)==want

@pytest.mark.parametrize('keep,want', BOTH['smoothed']['cases'])
def test_smoothed(keep, want):
    c = Curves(keep)
    for i,o in enumerate(BOTH['smoothed']['losses'], 1):
        c.add(dict(kind='train', attempt=1, step=i, loss=math.nan if o is None else o, learning_rate=1e-4))
    assert [o.smooth for o in c.train]==pytest.approx(want)

@pytest.mark.parametrize('text,want', BOTH['visible'], ids=range(len(BOTH['visible'])))
def test_visible(text, want): assert visible(text)==want
