"The examples that `?` shows: each calls what it is an example of, as it is called; most are carried out."
import ast, inspect, json, shutil

import ftkit as ft
import pytest
import yaml
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

LEFT_OUT = { # Why
    'takes minutes': ('ft.train', 'run.start', 'run.resume', 'cfg.preflight', 'run.evaluate', 'run.export',
                      'run.rerun', 'run.notebook', 'run.ask', 'run.chat', 'run.watch', 'run.worst'),
    'needs a server or the Hub': ('run.serve', 'run.verify', 'run.push'),
    'needs another version of the run': ('run.compare_rows', 'run.likeness'),
    'needs what a chat has kept': ('run.kept_examples', 'run.kept_preferences'),
    'needs judgements of others, or of sentences': ('run.judge_flags', 'run.merge_judgements')}
AWAY = {o for names in LEFT_OUT.values() for o in names}
WHATS,THINGS = 'price colour weight age name size'.split(),'tea bread cheese milk salt soap rope lamp'.split()
ROWS = [dict(prompt=f'What {w} has {v}, please?', completion=f'The {w} of {v} is {i}.', label='ab'[i%2],
             category='xy'[i%2], customer=f'c{i//3}')
        for i,(w,v) in enumerate((w, v) for w in WHATS for v in THINGS)]

def lines_of(rows): return ''.join(json.dumps(o)+'\n' for o in rows)

@pytest.fixture
def folder(trained, tmp_path, monkeypatch):
    "What the examples name, of rows and runs"
    for o in ('first', 'second', 'gone'): shutil.copytree(trained.path, tmp_path/'runs'/o, symlinks=True)
    few = [dict(id=f'{i}', reference='yes', answer='Yes.') for i in range(4)]
    texts = {'rows.jsonl': lines_of(ROWS), 'references.jsonl': lines_of(few), 'answers.jsonl': lines_of(few),
             'questions.csv': 'Frage,Antwort\n'+''.join(f"{o['prompt'][:-9]},{o['completion']}\n"
                                                        for o in ROWS)}
    texts['mine.jsonl'] = lines_of(dict(id=o.id, answer='{}') for o in trained.rows('test'))
    texts['rules.yaml'] = f"{trained.summary()['headline']}: {{at_least: 0.5}}\n"
    for name,text in texts.items(): (tmp_path/name).write_text(text)
    monkeypatch.chdir(tmp_path)
    ft.Recipe(mask=True).save('recipe.yaml')
    ft.Review('bens.jsonl', 'ben').decide(ft.load('rows.jsonl')[0], 'keep')
    cfg = ft.RunConfig('tiny-random', 'data/train.jsonl', 'data/validation.jsonl')
    cfg.save('run.yaml')
    (tmp_path/'axolotl.yaml').write_text(yaml.safe_dump(cfg.to_axolotl()[0]))
    return tmp_path

FIRST = { # What has to be done before
    'cfg.save': "cfg = ft.load_config('run.yaml')", 'run.delete': "run = ft.attach('runs/gone')"}
LAST = ['run.delete', 'session.reveal', 'session.names']

def test_they_do_what_they_say(folder):
    names,failed = dict(ft=ft),[]
    order = [o for o in USAGE if o not in AWAY and o not in LAST and o[:6] not in ('worst.', 'compar')]
    for name in [*order, *LAST]:
        text = USAGE[name].replace('smollm2-135m-instruct', 'tiny-random')
        if name=='cfg.create': text = text.replace('runs/first', 'runs/third')
        try: exec(compile(FIRST.get(name, '')+'\n'+text, name, 'exec'), names)
        except Exception as e: failed.append(f'{name}: {type(e).__name__}: {e}')
    assert not failed
