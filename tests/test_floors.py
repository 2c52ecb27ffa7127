"The table of floors in CONTRIBUTING.md says what settings.ini asks for, and constraints.txt obeys it."
import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROMISED = set('python torch transformers trl peft datasets pyarrow polars anywidget ipywidgets'.split())
ROW = re.compile(r'^\| `?([\w.-]+)`? \| ([\d.]+) \| (core|train) \|', re.M)

def settings():
    cfg = ConfigParser(delimiters=['='], interpolation=None)
    cfg.read(ROOT/'settings.ini', encoding='utf-8')
    return cfg['DEFAULT']

def asked(*keys): return [Requirement(o) for k in keys for o in settings()[k].split()]
def floor(req): return next(o.version for o in req.specifier if o.operator=='>=')
def pins():
    lines = (ROOT/'constraints.txt').read_text(encoding='utf-8').splitlines()
    return {canonicalize_name(r.name): r for r in map(Requirement, (o for o in lines if o and o[0]!='#'))}

def test_table_and_settings_agree():
    text = (ROOT/'CONTRIBUTING.md').read_text(encoding='utf-8')
    table = {name.lower(): (low, part) for name,low,part in ROW.findall(text)}
    want = {'python': (settings()['min_python'], 'core')}
    want |= {r.name.lower(): (floor(r), 'core') for r in asked('requirements')}
    want |= {r.name.lower(): (floor(r), 'train') for r in asked('train_requirements')}
    assert table == want
    assert PROMISED <= table.keys()

@pytest.mark.parametrize('req', asked('requirements', 'train_requirements', 'dev_requirements',
                                         'docs_requirements'), ids=str)
def test_constraints_pin_every_direct_dependency(req):
    pin, = pins()[canonicalize_name(req.name)].specifier
    assert pin.operator=='=='
    assert req.specifier.contains(pin.version)

def test_constraints_are_sorted_and_plain():
    lines = [o for o in (ROOT/'constraints.txt').read_text(encoding='utf-8').splitlines() if o and o[0]!='#']
    assert lines == sorted(lines, key=lambda o: canonicalize_name(o.split('==')[0]))
    assert not [o for o in lines if '+' in o or '@' in o]
    assert 'torch==2.13.0' in lines
