"""No row is a way to stop everybody's work: every regular expression that sees rows takes time linear in the
text.

Adversarial texts of 100,000 characters are made from each pattern as it is parsed: for each alternative what
it matches, over and over, then a miss; for each repetition its beginning, then the repeated piece, then a
miss."""
import ast, importlib, inspect, pkgutil, re
import re._constants as C
import re._parser as parser
from pathlib import Path
from time import process_time

import ftkit as ft
import pytest
import ftkit.data.duplicates.words as data_duplicates_words
import ftkit.data.patterns.secrets as data_patterns_secrets

# Characters; seconds of processor time, of which what is quadratic would take a hundred times more
N,BOUND = 100_000,1.5
FINDERS = (
    'markers personal secrets find_markup markdown find_mojibake refusals detect_language luhn mask_pii '
    'strip_markers '
           'normalize').split()
def modules(name):
    "A module, or all of a folder"
    top = importlib.import_module(name)
    found = [top, *(importlib.import_module(o.name)
                    for o in pkgutil.walk_packages(getattr(top, '__path__', []), f'{name}.'))]
    return [o for o in found if not hasattr(o, '__path__')] # A folder by itself holds nothing

def everything(found): return [v for m in found for v in vars(m).values()] # What stands in modules

PATTERNS,CHECKS = modules('ftkit.data.patterns'),modules('ftkit.data.checks')
DUPLICATES = modules('ftkit.data.duplicates')
SEES_ROWS = [m.__name__ for o in ('data', 'model.template', 'model.render', 'model.spans', 'model.rows',
                                  'model.tokens', 'model.doctor', 'evaluation')
             for m in modules(f'ftkit.{o}') if m not in [*PATTERNS, *CHECKS]]
OF_CLASS = {C.CATEGORY_DIGIT:'1', C.CATEGORY_WORD:'a', C.CATEGORY_SPACE:' ', C.CATEGORY_NOT_DIGIT:'a',
            C.CATEGORY_NOT_WORD:',', C.CATEGORY_NOT_SPACE:'a'}

def members(items):
    "Some characters of a set"
    if items[0][0]==C.NEGATE:
        out = {chr(a) for op,a in items if op==C.LITERAL}|{OF_CLASS[a] for op,a in items if op==C.CATEGORY}
        return [next(c for c in 'a1 ,-xé' if c not in out)]
    return [chr(a) if op==C.LITERAL else chr(a[0]) if op==C.RANGE else OF_CLASS[a] for op,a in items][:2]

def examples(parsed, most=14):
    "`(text, [(beginning, piece that repeats)])` for each alternative"
    res = [('', [])]
    for op,a in parsed:
        new = [('', [])]
        if op in (C.LITERAL, C.NOT_LITERAL): new = [(chr(a) if op==C.LITERAL else 'b', [])]
        elif op==C.ANY: new = [('a', [])]
        elif op==C.IN: new = [(c, []) for c in members(a)]
        elif op==C.BRANCH: new = [o for b in a[1] for o in examples(b, most)]
        elif op==C.SUBPATTERN: new = examples(a[3], most)
        elif op==C.ATOMIC_GROUP: new = examples(a, most)
        elif op in (C.MAX_REPEAT, C.MIN_REPEAT):
            low,high,sub = a
            new = [(e*min(max(low, 1), high), u+[('', e)]*(high>4)) for e,u in examples(sub, most)]
        res = [(e+f, u+[(e+p, x) for p,x in v]) for e,u in res for f,v in new]
        res = res[::-(-len(res)//most)]
    return res

def hostile(pattern, n=N):
    "Texts that invite a pattern to look at the same characters again and again"
    res = {}
    for e,pieces in examples(parser.parse(pattern.pattern, pattern.flags)):
        if e: res |= {(e*(n//len(e)+1))[:n]:0, (e[:-1]*(n//len(e)+1))[:n]+'\0' if e[:-1] else '':0}
        for p,x in pieces:
            if x:
                res |= {p+x*(n//len(x))+'\0':0, (p+x*20+'\0')*(n//(len(p)+20*len(x)+1)):0,
                        '\n'+p+x*(n//len(x))+' \0\n':0}
    return [o for o in res if o]

def flat(v):
    if isinstance(v, re.Pattern) and isinstance(v.pattern, str): yield v
    elif isinstance(v, tuple|list): yield from (p for o in v for p in flat(o))

def inline(module):
    "Patterns that are written where they are used"
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args): continue
        of = getattr(node.func.value, 'id', '')
        if of!='re' or node.func.attr in ('compile', 'escape') or not isinstance(node.args[0], ast.Constant):
            continue
        words = ast.unparse(node)
        yield re.compile(node.args[0].value, re.I*('re.I' in words)|re.S*('re.S' in words))

def used_by(name, space, seen=None):
    """Patterns that a function uses, by itself or through others: `name` as it is known in `space`, the
    names of a module"""
    seen = set() if seen is None else seen
    o = space.get(name)
    if id(o) in seen or getattr(o, '__module__', 'ftkit.data.patterns').split('.')[:3]!=['ftkit', 'data',
        'patterns'] and inspect.isfunction(o):
        return
    seen.add(id(o))
    if inspect.isfunction(o):
        todo = [o.__code__]
        for code in todo:
            todo += [c for c in code.co_consts if inspect.iscode(c)]
            for n in code.co_names: yield from used_by(n, o.__globals__, seen)
    else: yield from flat(o)

def slow(run, texts):
    for text in texts:
        t = process_time()
        run(text)
        if (took := process_time()-t)>BOUND: yield f'{took:.1f} s: {text[:60]!r} …'

@pytest.mark.parametrize('name', FINDERS)
def test_every_finder_is_linear(name):
    f = next(getattr(m, name) for m in PATTERNS if hasattr(m, name))
    if name=='luhn': texts = ['1'*N, '9'*N]
    else: texts = [t for p in dict.fromkeys(used_by(name, f.__globals__)) for t in hostile(p)]
    # Made of finders that are tried by themselves
    if name in ('mask_pii', 'normalize', 'strip_markers'): texts = texts[::12]
    if name in ('find_mojibake', 'normalize'): texts += [('Ã©'*N)[:N], ('donâ€™t '*N)[:N], 'Ã'*N, 'é'*N]
    if name=='detect_language': texts = [*texts[::4], ' '.join(['https://a']*9999)]
    assert texts and not [*slow(f, texts)]

def test_a_placeholder_stops_nobody():
    for n in (16, 24, 60, 200):
        for key in (f"api_key: {'x'*n}-prod1", f"API_KEY={'-'.join(['x'*4]*(n//4))}-prod1",
                    f"password={'apikey'*(n//6)}1"):
            t = process_time()
            data_patterns_secrets.secrets(key*10)
            assert process_time()-t<.1, key
    assert not data_patterns_secrets.secrets('API_KEY=xxxxxxxx-xxxx-xxxx') # Still no key

def where_rows_go(module): # Functions of a module that get a whole text, and nothing else
    return [f for f in vars(module).values() if inspect.isfunction(f) and f.__module__==module.__name__
            and [*inspect.signature(f).parameters]==['text']]

def test_checks_are_linear():
    texts = [t for p in [*flat(everything(CHECKS)), *(p for m in CHECKS for p in inline(m))]
             for t in hostile(p)]
    own = [f'Some words here\n{t} end' if i%2 else t for i,t in enumerate([*dict.fromkeys(texts)][::3])]
    go = [f for m in [*CHECKS, *DUPLICATES] for f in where_rows_go(m)]
    found = [f'{f.__name__} {o}' for f in go for o in slow(f, own)]
    assert not found
    assert len(go)>5 and data_duplicates_words.words_in in go

def test_a_set_of_hostile_rows_is_checked():
    texts = ['a('*N, '@'*N+' x', 'a@'*N+' x', '"'+'\\"'*N, '- '+'A '*N, '\n'*N+'x', ';'+' '*N+'x', '<aa>'*N,
             '```'*N, ' '*N+'x',
             '{"a":"'+'\\"'*N+'":1}', '['*N, 'password='+'x'*N, '{"'+'\\"'*5000+'": "a b"}',
             '<ab>'+'</ab> '*N+'x']
    rows = [dict(prompt=f'Question {i}?', completion=f'Some words here\n{t[:N]} end')
            for i,t in enumerate(texts)]
    t = process_time()
    ft.load(rows).check()
    assert process_time()-t<15

@pytest.mark.parametrize('name', SEES_ROWS)
def test_patterns_elsewhere_are_linear(name):
    module = importlib.import_module(name)
    for p in dict.fromkeys([*flat([*vars(module).values()]), *inline(module)]):
        if p in {*flat(everything([*PATTERNS, *CHECKS]))}: continue
        find = p.match if re.match(
            r'ftkit\.(data\.(read\b|shapes|convert|table|trees|examples|gather)|model\.doctor)',
            name) and p.pattern[:1] in '([' else p.search
        assert not [*slow(find, hostile(p))], p.pattern

def test_a_pattern_of_a_config_stops_no_run():
    from ftkit.training.samples import right_format
    t = process_time()
    assert right_format('a'*40+'!', '(a+)+') is None and right_format('aaa', '(a+)+') is True
    assert process_time()-t<5
