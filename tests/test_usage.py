"The examples that `?` shows: each calls what it is an example of, as it is called; most are carried out."
import ast, inspect, json, shutil

import ftkit as ft
import pytest
from ftkit.api import find_public
from ftkit.usage import USAGE

TREES = {k: ast.parse(v) for k,v in USAGE.items()}

def called(tree):
    "`(public name, the call)` of every call of `ft` or a noun"
    for o in ast.walk(tree):
        if not (isinstance(o, ast.Call) and isinstance(o.func, ast.Attribute)): continue
        of = ast.unparse(o.func.value)
        if of=='ft' or of in ft.NOUNS: yield f'{of}.{o.func.attr}', o

def test_there_is_one_for_each_name_along_the_road():
    assert [*USAGE]==[o for names in ft.ROAD.values() for o in names.split()]

@pytest.mark.parametrize('name', USAGE)
def test_it_calls_its_name_with_what_it_takes(name):
    calls = [*called(TREES[name])]
    assert name in [o for o,_ in calls] or name in USAGE[name], 'it is an example of something else'
    for what,call in calls:
        of,_,verb = what.partition('.')
        noun = [None]*(of!='ft')
        given = {k.arg: k.value for k in call.keywords}
        inspect.signature(find_public(what)).bind(*noun, *call.args, **given)
    lines = USAGE[name].splitlines()
    assert len(lines)<=3 and max(map(len, lines))<=100

def test_a_question_mark_shows_it():
    from IPython.core import oinspect
    for name,text in USAGE.items():
        said = oinspect.getdoc(find_public(name))
        assert 'Example:\n' in said and all(o in said for o in text.splitlines()), name

# Carried out, in the order of the road, in one folder

LEFT_OUT = { # Name → why
    'ft.map_columns': 'a panel'}
WHATS,THINGS = 'price colour weight age name size'.split(),'tea bread cheese milk salt soap rope lamp'.split()
ROWS = [dict(prompt=f'What {w} has {v}, please?', completion=f'The {w} of {v} is {i}.', label='ab'[i%2],
             category='xy'[i%2], customer=f'c{i//3}')
        for i,(w,v) in enumerate((w, v) for w in WHATS for v in THINGS)]
